using System.Collections.Concurrent;
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
    public static void Validate(JsonObject tree, Schema schema, FieldErrors errors, JsonObject? old = null) => new Walk("", errors).Value(tree, schema, "", old);

    /// <summary>Validates one value, such as a default or a status, that stands at <paramref name="prefix"/>: in the texts it is called by what is below that.</summary>
    public static void ValidateValue(JsonNode? value, Schema schema, string prefix, FieldErrors errors, JsonNode? old = null) =>
        new Walk(prefix, errors).Value(value, schema, "", old);

    /// <summary>The element of the old list that is the same one: only lists that are maps by keys can tell.</summary>
    public static JsonNode? Correlated(JsonNode? item, JsonArray? old, Schema schema) =>
        schema.ListType == "map" && item is JsonObject tree
            ? old.Objects().FirstOrDefault(o => schema.ListMapKeys.All(k => JsonNode.DeepEquals(o[k], tree[k])))
            : null;

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

    /// <summary>
    /// One walk over a value. Every step answers how many checks it made: of several alternatives that all fail, the one that had most to say counts.
    /// </summary>
    private readonly struct Walk(string prefix, FieldErrors errors)
    {
        public int Value(JsonNode? value, Schema schema, string path, JsonNode? old = null)
        {
            if (old is not null && JsonNode.DeepEquals(value, old))
            {
                return 0;
            }
            if (value is null)
            {
                var matches = 1;
                if (!schema.Nullable && TypesOf(schema) is { } types)
                {
                    TypeInvalid(path, types, "null");
                    matches = 0;
                }
                InEnum(null, schema, path);
                return matches;
            }
            var checks = Type(value, schema, path);
            checks += Junctors(value, schema, path) + 1;
            switch (value)
            {
                case JsonObject tree:
                    InEnum(value, schema, path);
                    checks += Object(tree, schema, path, old as JsonObject) + 1;
                    break;
                case JsonArray list:
                    checks += Array(list, schema, path, old as JsonArray) + 1;
                    InEnum(value, schema, path);
                    break;
                default:
                    if (value.AsText() is { } text)
                    {
                        Text(text, schema, path);
                        checks += schema.Format is { } format && Formats.IsKnown(format) ? 2 : 1;
                    }
                    else if (value.GetValueKind() == JsonValueKind.Number)
                    {
                        Number(value, schema, path);
                        checks += 2;
                    }
                    InEnum(value, schema, path);
                    break;
            }
            return checks + 2;
        }

        private int Type(JsonNode value, Schema schema, string path)
        {
            var format = schema.Format is { } named && Formats.IsKnown(named) ? named : null;
            var types = TypesOf(schema);
            if (types is null && format is null)
            {
                return 0;
            }
            var holds = schema.IntOrString
                ? value.GetValueKind() == JsonValueKind.String || value.AsLong() is not null
                : schema.Type is { } type && IsOf(type, value);
            var isText = value is JsonArray || value.GetValueKind() == JsonValueKind.String;
            if (format is not null && !isText && !holds)
            {
                TypeInvalid(path, format, value.GetValueKind() == JsonValueKind.Number ? value.AsLong() is null ? "float64" : "int64" : "");
                return 1;
            }
            if (format is not null && isText && schema.Type is not ("number" or "integer") && !schema.IntOrString)
            {
                return 2;
            }
            if (!holds)
            {
                TypeInvalid(path, types ?? "", Kind(value));
                return 1;
            }
            return 2;
        }

        private void InEnum(JsonNode? value, Schema schema, string path)
        {
            if (schema.Enum is { Count: > 0 } allowed && !(value is not null && allowed.Any(a => JsonNode.DeepEquals(a, value))))
            {
                errors.NotSupported(At(path), value, allowed.Select(a => a.AsText() ?? a?.ToJsonString(Json.Compact) ?? "null"));
            }
        }

        private int Object(JsonObject tree, Schema schema, string path, JsonObject? old)
        {
            if (schema.MinProperties is { } min && tree.Count < min)
            {
                errors.Invalid(At(path), tree.Count, $"{path} in body should have at least {min} properties");
            }
            if (schema.MaxProperties is { } max && tree.Count > max)
            {
                errors.TooMany(At(path), tree.Count, max);
            }
            var checks = 0;
            foreach (var (name, child) in tree)
            {
                if (schema.Properties.TryGetValue(name, out var field))
                {
                    checks += Value(child, field, Join(path, name), old?[name]);
                }
                else if (schema.AdditionalProperties is { } values)
                {
                    checks += Value(child, values, Join(path, name), old?[name]);
                }
                else if (schema.NoOtherProperties)
                {
                    errors.Invalid(At(path), name, $"{path}.{name} in body is a forbidden property");
                }
            }
            foreach (var name in schema.Required)
            {
                if (!tree.ContainsKey(name))
                {
                    errors.Required(At(Join(path, name)));
                }
            }
            return checks;
        }

        private int Array(JsonArray list, Schema schema, string path, JsonArray? old)
        {
            var checks = 1;
            if (schema.Items is { } items)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    checks += Value(list[i], items, $"{path}[{i}]", Correlated(list[i], old, schema));
                }
            }
            if (schema.MinItems is { } min && list.Count < min)
            {
                errors.Invalid(At(path), list.Count, $"{path} in body should have at least {min} items");
            }
            if (schema.MaxItems is { } max && list.Count > max)
            {
                errors.TooMany(At(path), list.Count, max);
            }
            if (schema.UniqueItems && list.Select(i => i?.ToJsonString() ?? "null").Distinct().Count() != list.Count)
            {
                errors.Duplicate(At(path), null);
            }
            return checks;
        }

        /// <summary>The first of these rules that a text breaks is told; its format is another matter.</summary>
        private void Text(string text, Schema schema, string path)
        {
            var length = schema.MaxLength is null && schema.MinLength is null ? 0 : text.EnumerateRunes().Count();
            if (schema.MaxLength is { } max && length > max)
            {
                errors.Add("FieldValueTooLong", At(path), $"Too long: may not be more than {max} bytes");
            }
            else if (schema.MinLength is { } min && length < min)
            {
                errors.Invalid(At(path), text, $"{path} in body should be at least {min} chars long");
            }
            else if (schema.Pattern is { } pattern && !Matches(pattern, text))
            {
                errors.Invalid(At(path), text, $"{path} in body should match '{pattern}'");
            }
            if (schema.Format is { } format && !Formats.Holds(format, text))
            {
                errors.Add("FieldValueTypeInvalid", At(path), $"Invalid value: {FieldErrors.Quote(text)}: {path} in body must be of type {format}: {FieldErrors.Quote(text)}");
            }
        }

        /// <summary>Whole numbers are held to the whole part of a bound, as Go converts it.</summary>
        private void Number(JsonNode value, Schema schema, string path)
        {
            var whole = value.AsLong();
            var number = whole ?? value.GetValue<double>();
            double Bound(double bound) => whole is null ? bound : Math.Truncate(bound);
            if (schema.MultipleOf is { } given)
            {
                var factor = Bound(given);
                if (factor <= 0)
                {
                    errors.Invalid(At(path), factor, $"factor MultipleOf declared for {path} must be positive: {FieldErrors.GoNumber(factor)}");
                }
                else if (!IsWhole(factor < 1 ? 1 / factor * number : number / factor))
                {
                    errors.Invalid(At(path), value, $"{path} in body should be a multiple of {FieldErrors.GoNumber(factor)}");
                }
            }
            if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? number <= Bound(min) : number < Bound(min)))
            {
                errors.Invalid(At(path), value, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{FieldErrors.GoNumber(Bound(min))}");
            }
            if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? number >= Bound(max) : number > Bound(max)))
            {
                errors.Invalid(At(path), value, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{FieldErrors.GoNumber(Bound(max))}");
            }
        }

        private static bool IsWhole(double number) => Math.Abs(number - Math.Round(number)) <= 1e-9 * Math.Max(1, Math.Abs(number));

        private int Junctors(JsonNode value, Schema schema, string path)
        {
            var checks = 1;
            if (schema.AnyOf.Length > 0)
            {
                var (holding, best, made) = Try(value, schema.AnyOf, path, untilOneHolds: true);
                checks += made;
                if (holding == 0)
                {
                    Composite($"{FieldErrors.Quote(path)} must validate at least one schema (anyOf)");
                    errors.AddAll(best!);
                }
            }
            if (schema.OneOf.Length > 0)
            {
                var (holding, best, made) = Try(value, schema.OneOf, path, untilOneHolds: false);
                if (holding != 1)
                {
                    Composite($"{FieldErrors.Quote(path)} must validate one and only one schema (oneOf). {(holding == 0 ? "Found none valid" : $"Found {holding} valid alternatives")}");
                }
                if (holding == 0)
                {
                    errors.AddAll(best!);
                }
                checks += holding <= 1 ? made : 0;
            }
            if (schema.AllOf.Length > 0)
            {
                var holding = 0;
                foreach (var part in schema.AllOf)
                {
                    var before = errors.Count;
                    checks += Value(value, part, path);
                    holding += errors.Count == before ? 1 : 0;
                }
                if (holding != schema.AllOf.Length)
                {
                    Composite($"{FieldErrors.Quote(path)} must validate all the schemas (allOf){(holding == 0 ? ". None validated" : "")}");
                }
            }
            if (schema.Not is { } not && Try(value, [not], path, untilOneHolds: true).Holding == 1)
            {
                Composite($"{FieldErrors.Quote(path)} must not validate the schema (not)");
            }
            return checks;
        }

        /// <summary>How many alternatives hold, what the failed one says that came furthest, and how many checks the first that holds (or that one) made.</summary>
        private (int Holding, FieldErrors? Best, int Checks) Try(JsonNode value, Schema[] alternatives, string path, bool untilOneHolds)
        {
            var holding = 0;
            FieldErrors? best = null;
            var (bestChecks, checks) = (-1, 0);
            foreach (var alternative in alternatives)
            {
                var found = new FieldErrors { ShowsGoValues = errors.ShowsGoValues };
                var made = new Walk(prefix, found).Value(value, alternative, path);
                if (!found.Any)
                {
                    checks = holding++ == 0 ? made : checks;
                    if (untilOneHolds)
                    {
                        break;
                    }
                }
                else if (made > bestChecks)
                {
                    (best, bestChecks) = (found, made);
                }
            }
            return (holding, best, holding > 0 ? checks : bestChecks);
        }

        /// <summary>What is said of several schemas together names no field of its own.</summary>
        private void Composite(string message) => errors.Add("FieldValueInvalid", prefix, $"Invalid value: \"\": {message}");

        private void TypeInvalid(string path, string wanted, string given) =>
            errors.TypeInvalid(At(path), given, $"{path} in body must be of type {wanted}: {FieldErrors.Quote(given)}");

        private string At(string path) => prefix.Length == 0 ? path : path.Length == 0 ? prefix : $"{prefix}.{path}";
    }

    private static string? TypesOf(Schema schema) => schema.IntOrString ? "integer,string" : schema.Type;

    private static bool IsOf(string type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.AsLong() is not null || value.GetValue<double>() is var real && Math.Abs(real) < 1L << 53 && real == Math.Truncate(real),
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
}
