using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>Holds a value against a structural schema, with the errors a kube-apiserver gives.</summary>
internal static class SchemaValidator
{
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new(StringComparer.Ordinal);

    /// <summary>Validates a whole custom object.</summary>
    /// <param name="tree">The object.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="old">The object as it stood, where there was one: what has not changed is not held against a schema that may be newer than it.</param>
    public static void Validate(JsonObject tree, Schema schema, FieldErrors errors, JsonObject? old = null) => Value(tree, schema, "", errors, root: true, old: old);

    /// <summary>Validates one value, such as a default, that is called <paramref name="path"/> in errors.</summary>
    public static void ValidateValue(JsonNode? value, Schema schema, string path, FieldErrors errors) => Value(value, schema, path, errors);

    private static void Value(JsonNode? value, Schema schema, string path, FieldErrors errors, bool root = false, JsonNode? old = null)
    {
        if (old is not null && JsonNode.DeepEquals(value, old))
        {
            return;
        }
        var shown = path.Length == 0 ? "<nil>" : path;
        if (value is null)
        {
            if (!schema.Nullable && schema.Type is not null)
            {
                errors.TypeInvalid(path, "null", $"{shown} in body must be of type {schema.Type}: \"null\"");
            }
            return;
        }
        if (schema.IntOrString)
        {
            if (value.GetValueKind() is not JsonValueKind.String && value.AsLong() is null)
            {
                errors.TypeInvalid(path, Kind(value), $"{shown} in body must be of type integer,string: \"{Kind(value)}\"");
                return;
            }
        }
        else if (schema.Type is { } type && !IsOf(type, value))
        {
            errors.TypeInvalid(path, Kind(value), $"{shown} in body must be of type {type}: \"{Kind(value)}\"");
            return;
        }
        if (schema.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            errors.NotSupported(path, value, allowed.Select(a => a.AsText() ?? a?.ToJsonString(Json.Compact) ?? "null"));
        }
        switch (value)
        {
            case JsonObject tree:
                Object(tree, schema, path, errors, root, old as JsonObject);
                break;
            case JsonArray list:
                Array(list, schema, path, errors, old as JsonArray);
                break;
            default:
                if (value.AsText() is { } text)
                {
                    Text(text, schema, path, shown, errors);
                }
                else if (value.GetValueKind() == JsonValueKind.Number)
                {
                    Number(value, schema, path, shown, errors);
                }
                break;
        }
        Junctors(value, schema, path, shown, errors);
    }

    private static void Object(JsonObject tree, Schema schema, string path, FieldErrors errors, bool root, JsonObject? old)
    {
        foreach (var name in schema.Required)
        {
            if (!tree.ContainsKey(name))
            {
                errors.Required(Join(path, name));
            }
        }
        if (schema.MaxProperties is { } max && tree.Count > max)
        {
            errors.TooMany(path, tree.Count, max);
        }
        if (schema.MinProperties is { } min && tree.Count < min)
        {
            errors.Invalid(path, tree.DeepClone(), $"{path} in body should have at least {min} properties");
        }
        foreach (var (name, child) in tree)
        {
            if (root && name is "apiVersion" or "kind" or "metadata" && root)
            {
                continue;
            }
            if (schema.Properties.TryGetValue(name, out var field))
            {
                Value(child, field, Join(path, name), errors, old: old?[name]);
            }
            else if (schema.AdditionalProperties is { } values)
            {
                Value(child, values, Join(path, name), errors, old: old?[name]);
            }
        }
        if (schema.EmbeddedResource)
        {
            if (string.IsNullOrEmpty(tree.Text("apiVersion")))
            {
                errors.Required(Join(path, "apiVersion"), "must not be empty");
            }
            if (string.IsNullOrEmpty(tree.Text("kind")))
            {
                errors.Required(Join(path, "kind"), "must not be empty");
            }
        }
    }

    private static void Array(JsonArray list, Schema schema, string path, FieldErrors errors, JsonArray? old)
    {
        if (schema.MaxItems is { } max && list.Count > max)
        {
            errors.TooMany(path, list.Count, max);
        }
        if (schema.MinItems is { } min && list.Count < min)
        {
            errors.Invalid(path, list.Count, $"{path} in body should have at least {min} items");
        }
        if (schema.UniqueItems && list.Select(i => i?.ToJsonString() ?? "null").Distinct().Count() != list.Count)
        {
            errors.Duplicate(path, null);
        }
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Value(list[i], items, $"{path}[{i}]", errors, old: Correlated(list[i], old, schema));
            }
        }
        if (schema.ListType == "set")
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < list.Count; i++)
            {
                if (!seen.Add(list[i]?.ToJsonString() ?? "null"))
                {
                    errors.Duplicate($"{path}[{i}]", list[i]);
                }
            }
        }
        else if (schema.ListType == "map")
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is not JsonObject item)
                {
                    continue;
                }
                var key = new JsonObject();
                foreach (var name in schema.ListMapKeys)
                {
                    if (item[name] is { } part)
                    {
                        key[name] = part.DeepClone();
                    }
                }
                if (!seen.Add(key.ToJsonString()))
                {
                    errors.Duplicate($"{path}[{i}]", key);
                }
            }
        }
    }

    /// <summary>The element of the old list that is the same one: only lists that are maps by keys can tell.</summary>
    public static JsonNode? Correlated(JsonNode? item, JsonArray? old, Schema schema) =>
        schema.ListType == "map" && item is JsonObject tree
            ? old.Objects().FirstOrDefault(o => schema.ListMapKeys.All(k => JsonNode.DeepEquals(o[k], tree[k])))
            : null;

    private static void Text(string text, Schema schema, string path, string shown, FieldErrors errors)
    {
        var length = new StringInfo(text).LengthInTextElements is var elements && text.Length == elements ? elements : text.EnumerateRunes().Count();
        if (schema.MaxLength is { } max && length > max)
        {
            errors.Add("FieldValueTooLong", path, $"Too long: may not be more than {max} bytes");
        }
        if (schema.MinLength is { } min && length < min)
        {
            errors.Invalid(path, text, $"{shown} in body should be at least {min} chars long");
        }
        if (schema.Pattern is { } pattern && !Matches(pattern, text))
        {
            errors.Invalid(path, text, $"{shown} in body should match '{pattern}'");
        }
        if (schema.Format is { } format && !Formats.Holds(format, text))
        {
            errors.Invalid(path, text, $"{shown} in body must be of type {format}: {FieldErrors.Quote(text)}");
        }
    }

    private static void Number(JsonNode value, Schema schema, string path, string shown, FieldErrors errors)
    {
        var number = value.AsLong() is { } whole ? whole : value.GetValue<double>();
        if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? number <= min : number < min))
        {
            errors.Invalid(path, value, $"{shown} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Plain(min)}");
        }
        if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? number >= max : number > max))
        {
            errors.Invalid(path, value, $"{shown} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Plain(max)}");
        }
        if (schema.MultipleOf is { } factor and not 0 && Math.Abs(Math.IEEERemainder(number, factor)) > 1e-9)
        {
            errors.Invalid(path, value, $"{shown} in body should be a multiple of {Plain(factor)}");
        }
    }

    private static void Junctors(JsonNode value, Schema schema, string path, string shown, FieldErrors errors)
    {
        foreach (var part in schema.AllOf)
        {
            Value(value, part, path, errors);
        }
        if (schema.AnyOf.Length > 0 && !System.Array.Exists(schema.AnyOf, s => Holds(value, s)))
        {
            errors.Invalid(path, path.Length == 0 ? "" : value, $"{shown} in body must validate at least one schema (anyOf)");
            AddBest(value, schema.AnyOf, path, errors);
        }
        if (schema.OneOf.Length > 0)
        {
            var holding = schema.OneOf.Count(s => Holds(value, s));
            if (holding != 1)
            {
                errors.Invalid(path, path.Length == 0 ? "" : value, $"{shown} in body must validate one and only one schema (oneOf). {(holding == 0 ? "Found none valid" : $"Found {holding} valid alternatives")}");
                if (holding == 0)
                {
                    AddBest(value, schema.OneOf, path, errors);
                }
            }
        }
        if (schema.Not is { } not && Holds(value, not))
        {
            errors.Invalid(path, path.Length == 0 ? "" : value, $"{shown} in body must not validate the schema (not)");
        }
    }

    private static void AddBest(JsonNode value, Schema[] alternatives, string path, FieldErrors errors)
    {
        FieldErrors? best = null;
        foreach (var alternative in alternatives)
        {
            var found = new FieldErrors();
            Value(value, alternative, path, found);
            if (best is null || found.Count < best.Count)
            {
                best = found;
            }
        }
        if (best is not null)
        {
            errors.AddAll(best);
        }
    }

    private static bool Holds(JsonNode value, Schema schema)
    {
        var found = new FieldErrors();
        Value(value, schema, "", found);
        return !found.Any;
    }

    /// <summary>Whether a text matches a Go pattern, anywhere in it.</summary>
    public static bool Matches(string pattern, string text)
    {
        var regex = Patterns.GetOrAdd(pattern, static p =>
        {
            // NonBacktracking keeps Go's promise of linear time; the few constructs that it lacks run with a time limit instead.
            try
            {
                return new Regex(p, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (NotSupportedException)
            {
                return new Regex(p, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            }
        });
        return regex.IsMatch(text);
    }

    private static bool IsOf(string type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.AsLong() is not null,
        _ => false,
    };

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.AsLong() is null ? "number" : "integer",
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Plain(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
