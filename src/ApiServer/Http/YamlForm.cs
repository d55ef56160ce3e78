using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Answers as YAML, as Kubernetes writes it.</summary>
internal static class YamlForm
{
    public const string MediaType = "application/yaml";

    public static byte[] Of(JsonNode body) => YamlText.Of(body);
}
