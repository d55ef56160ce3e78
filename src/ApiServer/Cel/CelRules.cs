using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Holds objects against the <c>x-kubernetes-validations</c> rules of their schema.</summary>
internal static class CelRules
{
    private static readonly ConcurrentDictionary<string, (CelNode? Node, string? Failure)> Compiled = new(StringComparer.Ordinal);

    public static void Check(JsonNode? value, JsonNode? old, Schema schema, string path, FieldErrors errors, bool within = false)
    {
        if (value is null || !schema.HasRulesBelow)
        {
            return;
        }
        // What has not changed is only warned of where a rule that may be newer does not like it; rules about changes always count.
        var unchanged = old is null ? within : JsonNode.DeepEquals(value, old);
        foreach (var rule in schema.Rules)
        {
            if (!unchanged || UsesOldSelf(rule.Rule))
            {
                Check(rule, value, old, schema, path, errors, errors);
                continue;
            }
            var found = new FieldErrors();
            Check(rule, value, old, schema, path, found, errors);
            errors.Warnings.AddRange(found.AsTexts());
        }
        switch (value)
        {
            case JsonObject tree:
                foreach (var (name, child) in tree)
                {
                    var field = schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties;
                    if (field is not null)
                    {
                        var at = schema.Properties.ContainsKey(name) ? path.Length == 0 ? name : $"{path}.{name}" : $"{path}[{name}]";
                        Check(child, (old as JsonObject)?[name], field, at, errors, unchanged);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    Check(list[i], SchemaValidator.Correlated(list[i], old as JsonArray, schema), items, $"{path}[{i}]", errors, unchanged);
                }
                break;
        }
    }

    // What is wrong where the rule says no goes to broken; where it says nothing, to errors: that counts whether the value has changed or not.
    private static void Check(ValidationRule rule, JsonNode value, JsonNode? old, Schema schema, string path, FieldErrors broken, FieldErrors errors)
    {
        var (node, failure) = Compile(rule.Rule);
        if (node is null)
        {
            errors.Invalid(path, schema.Type ?? "", $"rule compile error: {failure}");
            return;
        }
        var variables = new Dictionary<string, object?> { ["self"] = CelValues.From(value, schema) };
        if (UsesOldSelf(rule.Rule))
        {
            if (old is null && !rule.OptionalOldSelf)
            {
                return;
            }
            var before = CelValues.From(old, schema);
            variables["oldSelf"] = rule.OptionalOldSelf ? new CelOptional(old is not null, before) : before;
        }
        try
        {
            if (CelEvaluator.Truth(new CelEvaluator(variables).Evaluate(node)))
            {
                return;
            }
        }
        catch (CelException wrong)
        {
            errors.Invalid(path, schema.Type ?? "", wrong.Message.StartsWith("no such overload", StringComparison.Ordinal)
                ? $"'{wrong.Message}': call arguments did not match a supported operator, function or macro signature for rule: {Told(rule)}"
                : $"{wrong.Message} evaluating rule: {Told(rule)}");
            return;
        }
        Fail(rule, schema.Type ?? "", path, Message(rule, variables), broken);
    }

    public static bool UsesOldSelf(string rule) => rule.Contains("oldSelf", StringComparison.Ordinal);

    private static string Message(ValidationRule rule, Dictionary<string, object?> variables)
    {
        if (rule.MessageExpression is { Length: > 0 } expression && Compile(expression).Node is { } node)
        {
            try
            {
                if (new CelEvaluator(variables).Evaluate(node) is string text && text.Trim().Length > 0 && !text.Contains('\n', StringComparison.Ordinal))
                {
                    return text.Trim();
                }
            }
            catch (CelException)
            {
                // A message that cannot be made leaves the fixed one.
            }
        }
        return rule.Message is { Length: > 0 } ? Told(rule) : $"failed rule: {Told(rule)}";
    }

    /// <summary>What is said of a rule: its message, or itself.</summary>
    private static string Told(ValidationRule rule) => (rule.Message is { Length: > 0 } message ? message : rule.Rule).Trim();

    private static void Fail(ValidationRule rule, string type, string path, string detail, FieldErrors errors)
    {
        var at = rule.FieldPath is { Length: > 0 } below ? path.Length == 0 ? below.TrimStart('.') : path + (below[0] is '.' or '[' ? below : "." + below) : path;
        switch (rule.Reason)
        {
            case "FieldValueRequired":
                errors.Required(at, detail);
                break;
            case "FieldValueForbidden":
                errors.Forbidden(at, detail);
                break;
            case "FieldValueDuplicate":
                errors.Duplicate(at, type);
                break;
            default:
                errors.Invalid(at, type, detail);
                break;
        }
    }

    /// <summary>An expression as a tree, or why it is none. Kept for the next time. What was taken before is not held against what it sees: that was done then.</summary>
    public static (CelNode? Node, string? Failure) Compile(string expression) => Compiled.GetOrAdd(expression, static text =>
    {
        var problems = new CelProblems();
        var node = CelParser.Parse(text, twoVariables: true, problems);
        return problems.Any ? (null, problems.Explain(text)) : (node, null);
    });
}
