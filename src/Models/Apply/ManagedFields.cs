using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>What the managers of an object own: the content of its <c>metadata.managedFields</c>. Immutable.</summary>
/// <example><code>
/// var owned = ManagedFields.Of(stored).Applied("my-controller");
/// </code></example>
public sealed class ManagedFields
{
    readonly Dictionary<FieldOwner, Entry> _entries;

    ManagedFields(Dictionary<FieldOwner, Entry> entries) => _entries = entries;

    /// <summary>One manager's entry.</summary>
    /// <param name="ApiVersion">The version that the fields are named in.</param>
    /// <param name="Fields">What the manager owns.</param>
    /// <param name="Time">When it last changed, as the object carries it (RFC 3339); null where it never changed the object itself.</param>
    internal sealed record Entry(string ApiVersion, FieldSet Fields, string? Time);

    /// <summary>Nothing owned by anyone.</summary>
    public static ManagedFields None { get; } = new([]);

    /// <summary>Whether nobody owns anything.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Who owns something.</summary>
    public IEnumerable<FieldOwner> Owners => _entries.Keys.Order();

    internal IReadOnlyDictionary<FieldOwner, Entry> Entries => _entries;

    /// <summary>Reads an object's <c>metadata.managedFields</c>.</summary>
    /// <exception cref="FormatException">An entry is malformed.</exception>
    public static ManagedFields Of(JsonObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var entries = new Dictionary<FieldOwner, Entry>();
        foreach (var node in ListIn(value) ?? [])
        {
            if (node is not JsonObject entry) throw new FormatException("An entry of metadata.managedFields is not an object.");
            var operation = Text(entry, "operation");
            if (operation is not ("Apply" or "Update"))
                throw new FormatException($"An entry of metadata.managedFields has the operation '{operation}': expected Apply or Update.");
            if (Text(entry, "fieldsType") != "FieldsV1")
                throw new FormatException($"An entry of metadata.managedFields has the fieldsType '{Text(entry, "fieldsType")}': expected FieldsV1.");
            var version = Text(entry, "apiVersion");
            var owner = new FieldOwner(Text(entry, "manager"), operation == "Apply", operation == "Apply" ? "" : version, Text(entry, "subresource"));
            var fields = entry["fieldsV1"] is JsonObject owned ? FieldSet.FromFieldsV1(owned) : FieldSet.Empty;
            entries[owner] = new Entry(version, fields, entry["time"] is null ? null : Text(entry, "time"));
        }
        return entries.Count == 0 ? None : new ManagedFields(entries);
    }

    /// <summary>What an owner owns; nothing where it has no entry.</summary>
    public FieldSet OwnedBy(FieldOwner owner) => _entries.TryGetValue(owner, out var entry) ? entry.Fields : FieldSet.Empty;

    /// <summary>What a manager owns by server-side apply.</summary>
    public FieldSet Applied(string manager, string subresource = "") => OwnedBy(new FieldOwner(manager, true, "", subresource));

    /// <summary>Writes <c>metadata.managedFields</c> into an object in the server's order, or takes it out where nobody owns anything.</summary>
    internal void WriteTo(JsonObject value)
    {
        Strip(value);
        if (IsEmpty) return;
        if (value["metadata"] is not JsonObject metadata) value["metadata"] = metadata = [];
        var sorted = _entries.OrderBy(e => e.Key.Applies ? 0 : 1).ThenBy(e => e.Value.Time ?? "", StringComparer.Ordinal)
            .ThenBy(e => e.Key.Manager, StringComparer.Ordinal).ThenBy(e => e.Value.ApiVersion, StringComparer.Ordinal).ThenBy(e => e.Key.Subresource, StringComparer.Ordinal);
        metadata["managedFields"] = new JsonArray([.. sorted.Select(e => Write(e.Key, e.Value))]);
    }

    internal static JsonArray? ListIn(JsonObject? value) => (value?["metadata"] as JsonObject)?["managedFields"] as JsonArray;

    internal static void Strip(JsonObject value) => (value["metadata"] as JsonObject)?.Remove("managedFields");

    internal ManagedFields With(FieldOwner owner, Entry entry) => new(new Dictionary<FieldOwner, Entry>(_entries) { [owner] = entry });

    internal ManagedFields Without(FieldOwner owner)
    {
        if (!_entries.ContainsKey(owner)) return this;
        var left = new Dictionary<FieldOwner, Entry>(_entries);
        left.Remove(owner);
        return new ManagedFields(left);
    }

    /// <summary>Changes what each owner owns; an owner left with nothing vanishes.</summary>
    internal ManagedFields Select(Func<FieldOwner, FieldSet, FieldSet> change)
    {
        var changed = new Dictionary<FieldOwner, Entry>();
        foreach (var (owner, entry) in _entries)
        {
            var fields = change(owner, entry.Fields);
            if (!fields.IsEmpty) changed[owner] = entry with { Fields = fields };
        }
        return new ManagedFields(changed);
    }

    static JsonObject Write(FieldOwner owner, Entry entry)
    {
        var written = new JsonObject { ["manager"] = owner.Manager, ["operation"] = owner.Applies ? "Apply" : "Update", ["apiVersion"] = entry.ApiVersion };
        if (entry.Time is not null) written["time"] = entry.Time;
        written["fieldsType"] = "FieldsV1";
        written["fieldsV1"] = entry.Fields.ToFieldsV1();
        if (owner.Subresource.Length > 0) written["subresource"] = owner.Subresource;
        return written;
    }

    static string Text(JsonObject entry, string name) => entry[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
