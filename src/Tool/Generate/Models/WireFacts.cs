using System.Text.Json;

namespace ActorKube.Tool;

/// <summary>A field of a protobuf message.</summary>
internal sealed record WireField(string Name, int Number, string Type, bool Repeated);

/// <summary>
/// What OpenAPI does not say of the built-in types: the numbers of their protobuf fields, and which fields are pointers in Go
/// (where zero and absent differ) or are written even when empty.
/// </summary>
internal sealed class WireFacts
{
    private readonly Dictionary<string, List<WireField>> _messages = new(StringComparer.Ordinal);
    private readonly HashSet<(string Definition, string Field)> _pointers = [];
    private readonly HashSet<(string Definition, string Field)> _always = [];

    /// <summary>Nothing is known: every field is JSON alone.</summary>
    public static WireFacts None { get; } = new();

    public static WireFacts Parse(ReadOnlyMemory<byte> protobufFields, ReadOnlyMemory<byte> goFields)
    {
        var facts = new WireFacts();
        using var messages = JsonDocument.Parse(protobufFields);
        foreach (var message in messages.RootElement.EnumerateObject())
        {
            facts._messages[message.Name] = [.. message.Value.EnumerateArray().Select(field => new WireField(
                field.GetProperty("name").GetString()!,
                field.GetProperty("number").GetInt32(),
                field.GetProperty("type").GetString()!,
                field.TryGetProperty("label", out var label) && label.GetString() == "repeated"))];
        }
        using var go = JsonDocument.Parse(goFields);
        foreach (var definition in go.RootElement.EnumerateObject())
        {
            foreach (var list in definition.Value.EnumerateObject())
            {
                foreach (var field in list.Value.EnumerateArray())
                    (list.Name == "pointers" ? facts._pointers : facts._always).Add((definition.Name, field.GetString()!));
            }
        }
        return facts;
    }

    public bool IsPointer(string definition, string field) => _pointers.Contains((definition, field));

    public bool IsAlwaysWritten(string definition, string field) => _always.Contains((definition, field));

    /// <summary>The way to a field through the messages embedded in a definition's message, its own number last; empty where protobuf lacks it.</summary>
    public int[] Path(string definition, string field) => Find(MessageName(definition), field) ?? [];

    /// <summary>Whether a list is a type of its own in Go: its protobuf form is a message that holds it.</summary>
    public bool IsWrappedList(string definition, string field) =>
        _messages.TryGetValue(MessageName(definition), out var fields) && fields.Find(candidate => candidate.Name == field) is { Repeated: false, Type: "Verbs" };

    private static string MessageName(string definition) => definition
        .Replace("io.k8s.", "k8s.io.", StringComparison.Ordinal)
        .Replace("apiextensions-apiserver", "apiextensions_apiserver", StringComparison.Ordinal)
        .Replace("kube-aggregator", "kube_aggregator", StringComparison.Ordinal);

    private int[]? Find(string message, string field)
    {
        if (!_messages.TryGetValue(message, out var fields)) return null;
        // Names differ in case and signs here and there: "uID", "Webhooks", "ref" for "$ref", "xKubernetesListType" for "x-kubernetes-list-type".
        var letters = string.Concat(field.Where(char.IsAsciiLetterOrDigit));
        if (fields.Find(candidate => candidate.Name.Equals(letters, StringComparison.OrdinalIgnoreCase)) is { } own) return [own.Number];
        // Only structs embedded in Go (whose names JSON does not know) are searched; their fields belong to the outer object.
        foreach (var embedded in fields.Where(candidate => Embedded.Contains(candidate.Name)))
        {
            var type = embedded.Type.Contains('.') ? embedded.Type.TrimStart('.') : message[..(message.LastIndexOf('.') + 1)] + embedded.Type;
            if (Find(type, field) is { } inner) return [embedded.Number, .. inner];
        }
        return null;
    }

    private static readonly HashSet<string> Embedded = new(StringComparer.Ordinal)
    {
        "ephemeralContainerCommon", "handler", "ingressRuleValue", "localObjectReference", "persistentVolumeSource", "rule", "ruleWithOperations", "volumeSource",
    };
}
