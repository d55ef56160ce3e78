using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What validation found, field by field, in the words of Kubernetes' field errors.</summary>
internal sealed class FieldErrors
{
    private readonly List<(string Reason, string Field, string Message)> _items = [];

    public int Count => _items.Count;

    public bool Any => _items.Count > 0;

    /// <summary>Whether something is so wrong that rules over whole values make no sense.</summary>
    public bool BlockRules => _items.Exists(i => i.Reason is "FieldValueTypeInvalid" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueNotSupported");

    public void Add(string reason, string field, string message) => _items.Add((reason, field, message));

    public void AddAll(FieldErrors other) => _items.AddRange(other._items);

    public void Required(string field, string detail = "") => Add("FieldValueRequired", field, Join("Required value", detail));

    public void Invalid(string field, JsonNode? value, string detail) => Add("FieldValueInvalid", field, Join($"Invalid value: {Show(value)}", detail));

    /// <summary>A value that is shown in a form of its own, such as one of <see cref="GoValues"/>.</summary>
    public void InvalidShown(string field, string shown, string detail) => Add("FieldValueInvalid", field, Join($"Invalid value: {shown}", detail));

    /// <summary>A list of texts, as Go prints one.</summary>
    public void InvalidTexts(string field, IEnumerable<string> values, string detail) =>
        Add("FieldValueInvalid", field, Join($"Invalid value: []string{{{string.Join(", ", values.Select(Quote))}}}", detail));

    /// <summary>Where the value that is wrong does not show.</summary>
    public void InvalidUnshown(string field, string detail) => Add("FieldValueInvalid", field, Join("Invalid value", detail));

    public void TypeInvalid(string field, string shown, string detail) =>
        Add("FieldValueTypeInvalid", field, Join($"Invalid value: {Quote(shown)}", detail));

    public void NotSupported(string field, JsonNode? value, IEnumerable<string> supported)
    {
        var list = string.Join(", ", supported.Select(Quote));
        Add("FieldValueNotSupported", field, Join($"Unsupported value: {Show(value)}", list.Length == 0 ? "" : $"supported values: {list}"));
    }

    public void Forbidden(string field, string detail) => Add("FieldValueForbidden", field, Join("Forbidden", detail));

    public void Duplicate(string field, JsonNode? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public void NotFound(string field, JsonNode? value) => Add("FieldValueNotFound", field, $"Not found: {Show(value)}");

    public void TooLong(string field, int max) => Add("FieldValueTooLong", field, $"Too long: may not be more than {max} bytes");

    public void TooMany(string field, int actual, long max) =>
        Add("FieldValueTooMany", field, $"Too many: {actual}: must have at most {max} items");

    /// <summary>The one message, or all of them in brackets.</summary>
    public string Joined()
    {
        var texts = _items.Select(i => $"{(i.Field.Length == 0 ? "<nil>" : i.Field)}: {i.Message}").Distinct().ToList();
        return texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
    }

    public JsonArray Causes() =>
        [.. _items.Select(i => Errors.Cause(i.Reason, i.Message, i.Field.Length == 0 ? "<nil>" : i.Field))];

    /// <summary>A value as an error message shows it: text quoted, also the word for a pointer to nothing, scalars bare, the rest as JSON.</summary>
    public static string Show(JsonNode? value) => value.KindOf() switch
    {
        JsonValueKind.String => Quote(value!.GetValue<string>()),
        JsonValueKind.Null => "\"null\"",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => Number(value!),
        _ => value!.ToJsonString(Json.Compact),
    };

    private static string Number(JsonNode value) => value.AsLong() is { } whole
        ? whole.ToString(CultureInfo.InvariantCulture)
        : value.GetValue<double>().ToString("R", CultureInfo.InvariantCulture);

    public static string Quote(string text) => JsonSerializer.Serialize(text, Json.Compact);

    private static string Join(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";
}
