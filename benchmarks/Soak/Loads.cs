using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Soak;

/// <summary>The kind that is worked on: a number that is wanted, and the generation that was seen.</summary>
static class Loads
{
    public const string Namespace = "default";

    public static readonly ResourceDefinition Resource = new(new GroupVersionKind("soak.example.com", "v1", "Load"), "loads", true);

    public static V1CustomResourceDefinition Definition => new()
    {
        Metadata = new V1ObjectMeta { Name = "loads.soak.example.com" },
        Spec = new V1CustomResourceDefinitionSpec
        {
            Group = "soak.example.com",
            Scope = "Namespaced",
            Names = new V1CustomResourceDefinitionNames { Plural = "loads", Singular = "load", Kind = "Load" },
            Versions =
            [
                new V1CustomResourceDefinitionVersion
                {
                    Name = "v1",
                    Served = true,
                    Storage = true,
                    Subresources = new V1CustomResourceSubresources { Status = new System.Text.Json.Nodes.JsonObject() },
                    Schema = new V1CustomResourceValidation
                    {
                        OpenAPIV3Schema = new V1JSONSchemaProps
                        {
                            Type = "object",
                            Properties = new Dictionary<string, V1JSONSchemaProps>
                            {
                                ["spec"] = Of(("value", "integer"), ("text", "string")),
                                ["status"] = Of(("observedGeneration", "integer")),
                            },
                        },
                    },
                },
            ],
        },
    };

    public static KubeObject New(string name, int value) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"soak.example.com/v1","kind":"Load","metadata":{"name":"{{{name}}}","namespace":"{{{Namespace}}}"},"spec":{"value":{{{value}}},"text":"{{{new string('x', 300)}}}"}}"""));

    public static Patch Change(int value) => Patch.Merge($$$"""{"spec":{"value":{{{value}}}}}""");

    public static Patch Observed(long generation) => Patch.Merge($$$"""{"status":{"observedGeneration":{{{generation}}}}}""");

    /// <summary>The generation that was reconciled last, as the object says.</summary>
    public static long ObservedGeneration(KubeObject load) => (long?)load.ToUnstructured().Root["status"]?["observedGeneration"] ?? 0;

    static V1JSONSchemaProps Of(params (string Name, string Type)[] fields) => new()
    {
        Type = "object",
        Properties = fields.ToDictionary(f => f.Name, f => new V1JSONSchemaProps { Type = f.Type }),
    };
}
