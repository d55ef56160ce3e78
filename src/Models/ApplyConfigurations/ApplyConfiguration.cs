using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models.ApplyConfigurations;

/// <summary>
/// What somebody wants of an object, or of a part of one, and nothing else: only what was set is applied and owned. Zero, false and empty text count
/// as wanted; what was never set does not. Not thread-safe.
/// </summary>
public abstract class ApplyConfiguration
{
    /// <summary>Says nothing yet.</summary>
    protected ApplyConfiguration()
    {
    }

    internal JsonObject Root { get; private protected set; } = [];

    /// <summary>What has been set, as JSON of its own.</summary>
    public JsonObject ToJson() => (JsonObject)Root.DeepClone();

    /// <summary>For logs: the class; never content, which may be secret.</summary>
    public override string ToString() => GetType().Name;

    private protected static JsonNode? Node<T>(T value) => value switch
    {
        null => null,
        ApplyConfiguration part => part.ToJson(),
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        byte[] bytes => JsonValue.Create(Convert.ToBase64String(bytes)),
        DateTime time => JsonValue.Create(KubeTime.Format(time)),
        ResourceQuantity quantity => JsonValue.Create(quantity.ToString()),
        IntOrString either => either.IsInt ? JsonValue.Create(either.IntValue) : JsonValue.Create(either.Value),
        _ => KubeJson.ParseNode(KubeJson.Serialize(value)),
    };
}

/// <summary>The base of the configurations of one type; each <c>With…</c> changes the configuration and returns it.</summary>
/// <typeparam name="TSelf">The configuration itself.</typeparam>
public abstract class ApplyConfiguration<TSelf> : ApplyConfiguration where TSelf : ApplyConfiguration<TSelf>
{
    /// <summary>Sets a field; null takes it back.</summary>
    protected TSelf Set<T>(string field, T value)
    {
        if (Node(value) is { } node) Root[field] = node;
        else Root.Remove(field);
        return (TSelf)this;
    }

    /// <summary>Sets a field to a time with microseconds.</summary>
    protected TSelf SetMicroTime(string field, DateTime value) => Set(field, KubeTime.FormatMicro(value));

    /// <summary>Appends to a list.</summary>
    protected TSelf Append<T>(string list, IEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Root[list] is not JsonArray elements) Root[list] = elements = [];
        foreach (var value in values) elements.Add(Node(value));
        return (TSelf)this;
    }

    /// <summary>Puts entries into a map; those of the same key are replaced.</summary>
    protected TSelf Put<T>(string map, IEnumerable<KeyValuePair<string, T>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (Root[map] is not JsonObject members) Root[map] = members = [];
        foreach (var (key, value) in entries) members[key] = Node(value);
        return (TSelf)this;
    }
}
