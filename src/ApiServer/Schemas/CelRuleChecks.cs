using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What is checked of <c>x-kubernetes-validations</c> when a definition is made.</summary>
internal static class CelRuleChecks
{
    private static readonly string[] Reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

    /// <param name="schema">The schema that the rules stand in.</param>
    /// <param name="at">Its place in the definition.</param>
    /// <param name="isRoot">It describes the whole object.</param>
    /// <param name="correlatable">A value here can be found again in the old object.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Check(JsonObject schema, string at, bool isRoot, bool correlatable, FieldErrors errors)
    {
        if (schema.List("x-kubernetes-validations") is not { Count: > 0 } rules)
        {
            return;
        }
        var read = StructuralSchemaReader.Read(schema);
        var self = CelShape.From(read, isRoot);
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var where = $"{at}.x-kubernetes-validations[{index++}]";
            var text = rule.Text("rule") ?? "";
            if (string.IsNullOrWhiteSpace(text))
            {
                errors.Required($"{where}.rule", "rule is not specified");
                continue;
            }
            Message(rule, text, where, errors);
            if (rule.Text("reason") is { Length: > 0 } reason && Array.IndexOf(Reasons, reason) < 0)
            {
                errors.NotSupported($"{where}.reason", reason, Reasons);
            }
            if (rule.Text("fieldPath") is { Length: > 0 } path && !Leads(path, read))
            {
                errors.Invalid($"{where}.fieldPath", path, "fieldPath must be a valid path: does not refer to a field of the schema");
            }
            var optional = rule["optionalOldSelf"].AsBool() == true;
            var variables = new Dictionary<string, CelShape> { ["self"] = self, ["oldSelf"] = optional ? CelShape.OptionalOf(self) : self };
            var uses = Expression(text, CelShape.Bool, variables, $"{where}.rule", errors);
            if (uses && !correlatable)
            {
                errors.Invalid($"{where}.rule", text, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {at}");
            }
            if (optional && !uses)
            {
                errors.Invalid($"{where}.optionalOldSelf", true, "may not be set if oldSelf is not used in rule");
            }
            if (rule.Text("messageExpression") is { Length: > 0 } expression)
            {
                Expression(expression, CelShape.Text, variables, $"{where}.messageExpression", errors);
            }
        }
    }

    private static void Message(JsonObject rule, string text, string where, FieldErrors errors)
    {
        if (rule.Text("message") is { Length: > 0 } message)
        {
            if (message.Trim().Length == 0)
            {
                errors.Invalid($"{where}.message", message, "message must be non-empty if specified");
            }
            else if (message.Trim().Contains('\n', StringComparison.Ordinal))
            {
                errors.Invalid($"{where}.message", message, "message must not contain line breaks");
            }
        }
        else if (text.Trim().Contains('\n', StringComparison.Ordinal))
        {
            errors.Required($"{where}.message", "message must be specified if rule contains line breaks");
        }
    }

    /// <summary>Checks one expression; answers whether it uses <c>oldSelf</c>.</summary>
    private static bool Expression(string text, CelShape wanted, Dictionary<string, CelShape> variables, string where, FieldErrors errors)
    {
        var (node, failure) = CelRules.Compile(text);
        if (node is null)
        {
            errors.Invalid(where, text, $"compilation failed: ERROR: {failure}");
            return false;
        }
        try
        {
            var type = CelChecker.Check(node, variables);
            if (!type.Fits(wanted))
            {
                errors.Invalid(where, text, $"{(wanted == CelShape.Bool ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string")}");
            }
        }
        catch (CelException wrong)
        {
            errors.Invalid(where, text, $"compilation failed: ERROR: {wrong.Message}");
        }
        return CelRules.UsesOldSelf(text);
    }

    private static bool Leads(string path, Schema schema)
    {
        var at = schema;
        foreach (var step in path.Replace("['", ".", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.Properties.TryGetValue(step, out var field))
            {
                at = field;
            }
            else if (at.AdditionalProperties is { } values)
            {
                at = values;
            }
            else
            {
                return false;
            }
        }
        return true;
    }
}
