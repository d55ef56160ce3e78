using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Answers as YAML, with the keys of every map in their order, as Kubernetes writes it.</summary>
internal static class YamlForm
{
    public const string MediaType = "application/yaml";

    public static byte[] Of(JsonNode body) => Encoding.UTF8.GetBytes(ActorKube.Models.KubeYaml.SerializeAll<JsonNode>([Ordered(body)!]));

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Ordered(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        _ => node?.DeepClone(),
    };
}
