using System.Text.Json.Nodes;
using ActorKube.Models;

namespace Models.Tests.Patches;

public sealed class MergeSchemaTests
{
    static readonly GroupVersionKind Deployment = new("apps", "v1", "Deployment"), Pod = new("", "v1", "Pod"), Service = new("", "v1", "Service");

    static JsonObject Definitions { get; } = JsonNode.Parse(File.ReadAllText(OpenApi()))!["definitions"]!.AsObject();

    static string OpenApi()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorKube.sln"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "src", "Models", "openapi", "openapi-v2.json");
    }

    /// <summary>Every built-in kind with its definition.</summary>
    public static TheoryData<string> Kinds => [.. Definitions.Where(definition => definition.Value!["x-kubernetes-group-version-kind"] is JsonArray { Count: 1 }).Select(definition => definition.Key)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_field_tables_say_what_the_document_says(string name)
    {
        var definition = Definitions[name]!.AsObject();
        var kind = definition["x-kubernetes-group-version-kind"]![0]!;
        var known = MergeSchema.For(new GroupVersionKind((string)kind["group"]!, (string)kind["version"]!, (string)kind["kind"]!));
        Assert.NotNull(known);
        var said = MergeSchema.FromOpenApi(definition, reference => Definitions[reference.Replace("#/definitions/", "")] as JsonObject);
        Compare(said, known, definition, name, [name]);
    }

    static void Compare(MergeSchema said, MergeSchema known, JsonObject definition, string path, HashSet<string> seen)
    {
        // The tables do not tell elements apart that have no fields; merging takes them whole, as it does scalars and atomic lists.
        if (path.EndsWith("[]", StringComparison.Ordinal) && known.Shape == MergeShape.Any && said is { Shape: MergeShape.Scalar } or { Shape: MergeShape.Any, IsAtomic: true }
            or { Shape: MergeShape.List, ListType: MergeListType.Atomic }) return;
        Assert.True(
            (said.Shape, said.IsAtomic, said.PatchMerges, said.PatchReplaces, said.PatchRetainsKeys, said.PatchMergeKey) == (known.Shape, known.IsAtomic, known.PatchMerges, known.PatchReplaces, known.PatchRetainsKeys, known.PatchMergeKey),
            $"{path}: {said.Shape} {said.IsAtomic} {said.PatchMergeKey} / {known.Shape} {known.IsAtomic} {known.PatchMergeKey}");
        if (said.Shape == MergeShape.List)
        {
            Assert.True(said.ListType == known.ListType, path);
            Assert.True(said.Keys.Select(key => key.Name).SequenceEqual(known.Keys.Select(key => key.Name)), path);
        }
        var target = Resolve(definition, seen);
        if (target is null) return;
        if (said.Shape is MergeShape.List or MergeShape.Map)
        {
            if ((target["items"] ?? target["additionalProperties"]) is JsonObject element) Compare(said.Element, known.Element, element, path + "[]", [.. seen]);
        }
        foreach (var (field, property) in target["properties"] as JsonObject ?? [])
        {
            Assert.True(known.Field(field) is not null, $"{path}.{field}");
            Compare(said.Field(field)!, known.Field(field)!, property!.AsObject(), $"{path}.{field}", [.. seen]);
        }
    }

    // Null for a type that is being looked at already.
    static JsonObject? Resolve(JsonObject definition, HashSet<string> seen)
    {
        while ((string?)definition["$ref"] is { } reference)
        {
            var name = reference.Replace("#/definitions/", "");
            if (!seen.Add(name)) return null;
            definition = Definitions[name]!.AsObject();
        }
        return definition;
    }

    [Fact]
    public void Ports_are_keyed_by_protocol_which_is_TCP_unless_said()
    {
        var ports = MergeSchema.For(Service)!.Field("spec")!.Field("ports")!;
        Assert.Equal(["port", "protocol"], ports.Keys.Select(key => key.Name));
        Assert.Null(ports.Keys[0].Default);
        Assert.Equal("TCP", (string?)ports.Keys[1].Default);
    }

    [Fact]
    public void Strategic_patches_of_built_in_kinds_need_no_schema_by_hand()
    {
        var before = Json.Object("""{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}}}}""");
        var after = Json.Object("""{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"2"},{"name":"b"}]}}}}""");
        var patch = StrategicMergePatch.Diff(before, after, Deployment);
        Json.Equal("""{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"2"}],"$setElementOrder/containers":[{"name":"a"},{"name":"b"}]}}}}""", patch);
        Json.Equal(after, StrategicMergePatch.Apply(before, patch, Deployment));
        Assert.Contains("use a JSON merge patch", Assert.Throws<ArgumentException>(() => StrategicMergePatch.Diff(before, after, new GroupVersionKind("x.test", "v1", "Thing"))).Message);
    }

    [Fact]
    public void A_recursive_type_is_no_problem()
    {
        var schema = MergeSchema.For(new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))!.Field("spec")!.Field("versions")!.Element.Field("schema")!.Field("openAPIV3Schema")!;
        for (var i = 0; i < 100; i++) schema = schema.Field("properties")!.Element;
        Assert.Equal(MergeShape.Object, schema.Shape);
        Assert.NotNull(MergeSchema.For(Pod)!.Field("spec")!.Field("containers")!.Element.Field("resources"));
    }
}
