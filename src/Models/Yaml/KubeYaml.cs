using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Kubernetes objects as YAML, read the way kubectl and the API server read it (<c>sigs.k8s.io/yaml</c>): YAML 1.1, so that a plain <c>yes</c>
/// is true and <c>0644</c> is octal; then as JSON. Thread-safe.
/// </summary>
/// <example><code>
/// var at = KubeYaml.Load&lt;At&gt;(File.ReadAllText("at.yaml"));
/// foreach (var o in KubeYaml.LoadAll(text)) Console.WriteLine(o.Kind);
/// </code></example>
public static class KubeYaml
{
    /// <summary>Reads one object.</summary>
    /// <param name="yaml">YAML or JSON text with one document.</param>
    /// <exception cref="KubeFormatException">The text is not YAML, has no document or several, or is no <typeparamref name="T"/>; says where.</exception>
    public static T Load<T>(string yaml) => To<T>(ParseNode(yaml));

    /// <summary>Reads every document; empty ones are passed over.</summary>
    /// <exception cref="KubeFormatException">The text is not YAML, or a document is no <typeparamref name="T"/>; says where.</exception>
    public static IReadOnlyList<T> LoadAll<T>(string yaml) => [.. ParseNodes(yaml).Select(To<T>)];

    /// <summary>Reads every document without a class; empty ones are passed over.</summary>
    /// <exception cref="KubeFormatException">The text is not YAML, or a document is not an object; says where.</exception>
    public static IReadOnlyList<Unstructured> LoadAll(string yaml) => [.. ParseNodes(yaml).Select(node =>
        node is JsonObject root ? new Unstructured(root) : throw new KubeFormatException("A document is not an object"))];

    /// <summary>Reads one document of any shape.</summary>
    /// <exception cref="KubeFormatException">The text is not YAML, or has no document or several; says where.</exception>
    public static JsonNode ParseNode(string yaml) => ParseNode(yaml, null);

    /// <summary>As <see cref="ParseNode(string)"/>, and tells of keys that are there twice, of which the last wins.</summary>
    /// <param name="yaml">YAML or JSON text with one document.</param>
    /// <param name="duplicates">Gets what is there twice; null for nobody.</param>
    public static JsonNode ParseNode(string yaml, List<StrictProblem>? duplicates)
    {
        var nodes = new YamlReader(yaml, duplicates).ReadAll();
        return nodes.Count == 1 ? nodes[0] : throw new KubeFormatException($"Expected one document but found {nodes.Count}");
    }

    /// <summary>
    /// Reads the first document of any shape, as Kubernetes' servers read a body: what comes behind it is not looked at, be it YAML or not.
    /// </summary>
    /// <param name="yaml">YAML or JSON text.</param>
    /// <param name="duplicates">Gets what is there twice; null for nobody.</param>
    /// <returns>The document; null where it is empty, or there is none.</returns>
    /// <exception cref="KubeFormatException">The first document is not YAML; says where.</exception>
    public static JsonNode? ParseFirstNode(string yaml, List<StrictProblem>? duplicates = null) => new YamlReader(yaml, duplicates).ReadFirst();

    /// <summary>Reads every document of any shape; empty ones are passed over.</summary>
    /// <exception cref="KubeFormatException">The text is not YAML; says where.</exception>
    public static IReadOnlyList<JsonNode> ParseNodes(string yaml) => new YamlReader(yaml).ReadAll();

    internal static IReadOnlyList<JsonNode> ParseNodes(string yaml, List<StrictProblem> duplicates) => new YamlReader(yaml, duplicates).ReadAll();

    /// <summary>Writes an object as one document.</summary>
    /// <param name="value">A generated type, an <see cref="Unstructured"/>, a class for System.Text.Json, or a JSON node.</param>
    public static string Serialize<T>(T value) => SerializeAll([value]);

    /// <summary>Writes objects, one document each.</summary>
    public static string SerializeAll<T>(IEnumerable<T> values) => YamlWriter.Write(values.Select(value => value is JsonNode node ? node : KubeJson.ParseNode(KubeJson.Serialize(value))));

    private static T To<T>(JsonNode node)
    {
        if (node is T same) return same;
        if (typeof(T) == typeof(Unstructured) && node is JsonObject root) return (T)(object)new Unstructured(root);
        return KubeJson.Deserialize<T>(KubeJson.Serialize(node));
    }
}
