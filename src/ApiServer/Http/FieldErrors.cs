using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What validation found, field by field, in the words of Kubernetes' field errors.</summary>
internal sealed class FieldErrors
{
    private readonly List<(string Reason, string Field, string Message)> _items = [];

    public int Count => _items.Count;

    /// <summary>What a newer rule says against something that has not changed: told, and let pass.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Takes the errors for warnings.</summary>
    public IEnumerable<string> AsTexts() => _items.Select(i => $"{(i.Field.Length == 0 ? "<nil>" : i.Field)}: {i.Message}");

    /// <summary>Whether lists and maps are shown as Go prints them: where the real server works on objects that have no type of their own.</summary>
    public bool ShowsGoValues { get; init; }

    public bool Any => _items.Count > 0;

    /// <summary>Whether something is so wrong that rules over whole values make no sense.</summary>
    public bool BlockRules => _items.Exists(i => i.Reason is "FieldValueTypeInvalid" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueNotSupported");

    public void Add(string reason, string field, string message) => _items.Add((reason, field, message));

    /// <summary>Adds what is not there yet.</summary>
    public void AddAll(FieldErrors other) => _items.AddRange(other._items.Where(i => !_items.Contains(i)));

    public void Required(string field, string detail = "") => Add("FieldValueRequired", field, Join("Required value", detail));

    public void Invalid(string field, JsonNode? value, string detail) => Add("FieldValueInvalid", field, Join($"Invalid value: {Shown(value)}", detail));

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
        Add("FieldValueNotSupported", field, Join($"Unsupported value: {Shown(value)}", list.Length == 0 ? "" : $"supported values: {list}"));
    }

    public void Forbidden(string field, string detail) => Add("FieldValueForbidden", field, Join("Forbidden", detail));

    public void Duplicate(string field, JsonNode? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Shown(value)}");

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
        JsonValueKind.Array when value!.AsArray() is { Count: > 0 } list && list.All(t => t.KindOf() == JsonValueKind.String) => $"[]string{{{string.Join(", ", list.Texts().Select(Quote))}}}",
        _ => value!.ToJsonString(Json.Compact),
    };

    private string Shown(JsonNode? value) => ShowsGoValues ? GoShow(value) : Show(value);

    /// <summary>A value without a type, as Go's field errors print it.</summary>
    public static string GoShow(JsonNode? value) => value is null ? "\"null\"" : GoSyntax(value);

    private static string GoSyntax(JsonNode? value) => value switch
    {
        null => "interface {}(nil)",
        JsonObject tree => $"map[string]interface {{}}{{{string.Join(", ", tree.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Quote(p.Key)}:{GoSyntax(p.Value)}"))}}}",
        JsonArray list => $"[]interface {{}}{{{string.Join(", ", list.Select(GoSyntax))}}}",
        _ => Show(value),
    };

    private static string Number(JsonNode value) => value.AsLong() is { } whole
        ? whole.ToString(CultureInfo.InvariantCulture)
        : GoNumber(value.GetValue<double>());

    /// <summary>A number as Go's %v writes a float64: with an exponent from 21 digits on.</summary>
    public static string GoNumber(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(number) || number == 0)
        {
            return text;
        }
        var (mantissa, exponent) = text.Split('E') is [var m, var e] ? (m, int.Parse(e, CultureInfo.InvariantCulture)) : (text, 0);
        var negative = mantissa.StartsWith('-');
        mantissa = mantissa.TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal) is var at && at >= 0 ? at : mantissa.Length;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.TrimStart('0');
        var scale = point - leading + exponent - 1;
        digits = digits.TrimEnd('0') is { Length: > 0 } kept ? kept : "0";
        var sign = negative ? "-" : "";
        if (scale is < -4 or >= 21)
        {
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(scale < 0 ? "-" : "+")}{Math.Abs(scale).ToString("00", CultureInfo.InvariantCulture)}";
        }
        return scale < 0 ? $"{sign}0.{new string('0', -scale - 1)}{digits}"
            : digits.Length <= scale + 1 ? $"{sign}{digits}{new string('0', scale + 1 - digits.Length)}"
            : $"{sign}{digits[..(scale + 1)]}.{digits[(scale + 1)..]}";
    }

    public static string Quote(string text) => JsonSerializer.Serialize(text, Json.Compact);

    private static string Join(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";
}
