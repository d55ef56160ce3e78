using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What the parts of a definition's version must be: deprecation, columns, selectable fields, scale.</summary>
internal static class DefinitionPartRules
{
    private const int MostSelectableFields = 8;

    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];

    private static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

    public static void Deprecation(JsonObject version, string at, FieldErrors errors)
    {
        if (version.Text("deprecationWarning") is not { } warning)
        {
            return;
        }
        var problem = version["deprecated"].AsBool() != true ? "can only be set for deprecated versions"
            : warning.Length > 256 ? "must be <= 256 characters long"
            : warning.Length == 0 ? "must not be an empty string"
            : warning.AsSpan().IndexOfAnyInRange('\0', '\x1f') is >= 0 and var odd ? $"must only contain printable UTF-8 characters; non-printable character found at index {odd}"
            : null;
        if (problem is not null)
        {
            errors.Invalid($"{at}.deprecationWarning", warning, problem);
        }
    }

    public static void Column(JsonObject column, string at, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(column.Text("name")))
        {
            errors.Required($"{at}.name");
        }
        Among(column.Text("type"), ColumnTypes, $"{at}.type", errors, required: true);
        Among(column.Text("format"), ColumnFormats, $"{at}.format", errors, required: false);
        if (column.Text("jsonPath") is not { Length: > 0 } path)
        {
            errors.Required($"{at}.JSONPath");
        }
        else
        {
            SimplePath(path, $"{at}.JSONPath", errors);
        }
    }

    private static void Among(string? value, string[] known, string at, FieldErrors errors, bool required)
    {
        if (string.IsNullOrEmpty(value))
        {
            if (required)
            {
                errors.Required(at, $"must be one of {string.Join(',', known)}");
            }
        }
        else if (Array.IndexOf(known, value) < 0)
        {
            errors.Invalid(at, value, $"must be one of {string.Join(',', known)}");
        }
    }

    private static bool SimplePath(string path, string at, FieldErrors errors)
    {
        if (path[0] == '.')
        {
            return true;
        }
        errors.Invalid(at, path, "must be a simple json path starting with .");
        return false;
    }

    public static void Selectable(List<JsonObject> fields, JsonObject schema, string at, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            var (path, where) = (fields[i].Text("jsonPath") ?? "", $"{at}[{i}].jsonPath");
            if (path.Length == 0)
            {
                errors.Required(where);
                continue;
            }
            var (found, problem) = SchemaPaths.Find(path, schema, withKeys: false);
            if (problem is not null)
            {
                errors.Invalid(where, path, $"is an invalid path: {problem}");
                continue;
            }
            if (path.StartsWith(".metadata", StringComparison.Ordinal) && (path.Length == 9 || path[9] == '.'))
            {
                errors.Invalid(where, path, "must not point to fields in metadata");
            }
            if (found?.Text("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(where, path, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }
            if (!seen.Add(path))
            {
                errors.Duplicate(where, path);
            }
        }
        if (seen.Count > MostSelectableFields)
        {
            errors.TooMany(at, seen.Count, MostSelectableFields);
        }
    }

    public static void Scale(JsonObject scale, string at, FieldErrors errors)
    {
        foreach (var (field, prefix) in ((string, string)[])[("specReplicasPath", ".spec."), ("statusReplicasPath", ".status."), ("labelSelectorPath", ".status.")])
        {
            var selector = field == "labelSelectorPath";
            if (scale.Text(field) is not { Length: > 0 } path)
            {
                if (!selector)
                {
                    errors.Required($"{at}.{field}");
                }
            }
            else if (SimplePath(path, $"{at}.{field}", errors) && !path.StartsWith(prefix, StringComparison.Ordinal) && !(selector && path.StartsWith(".spec.", StringComparison.Ordinal)))
            {
                errors.Invalid($"{at}.{field}", path, selector ? "should be a json path under either .spec or .status" : $"should be a json path under {prefix.TrimEnd('.')}");
            }
        }
    }
}
