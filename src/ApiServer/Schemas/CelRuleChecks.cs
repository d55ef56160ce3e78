using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What is checked of <c>x-kubernetes-validations</c> when a definition is made.</summary>
internal static class CelRuleChecks
{
    private static readonly string[] Reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

    /// <summary>The form of the rules, whatever their expressions say.</summary>
    public static void Form(JsonObject schema, string at, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in schema.List("x-kubernetes-validations").Objects())
        {
            var where = $"{at}.x-kubernetes-validations[{index++}]";
            var text = rule.Text("rule") ?? "";
            if (string.IsNullOrWhiteSpace(text))
            {
                errors.Required($"{where}.rule", "rule is not specified");
            }
            else
            {
                Message(rule, text, where, errors);
            }
            if (rule.Text("messageExpression") is { Length: > 0 } expression && string.IsNullOrWhiteSpace(expression))
            {
                errors.Required($"{where}.messageExpression", "messageExpression must be non-empty if specified");
            }
            if (rule.Text("reason") is { } reason && Array.IndexOf(Reasons, reason) < 0)
            {
                errors.NotSupported($"{where}.reason", reason, Reasons);
            }
            FieldPath(schema, rule.Text("fieldPath") ?? "", $"{where}.fieldPath", errors);
        }
    }

    /// <param name="schema">The schema that the rules stand in.</param>
    /// <param name="at">Its place in the definition.</param>
    /// <param name="isRoot">It describes the whole object.</param>
    /// <param name="uncorrelatable">The list above in whose elements an old value cannot be found again; null where it can.</param>
    /// <param name="cardinality">How often a value of this schema can stand in one object; null where nothing bounds it.</param>
    /// <param name="total">What all rules cost together.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Check(JsonObject schema, string at, bool isRoot, string? uncorrelatable, ulong? cardinality, CelCostTotal total, FieldErrors errors)
    {
        if (schema.List("x-kubernetes-validations") is not { Count: > 0 } rules)
        {
            return;
        }
        var read = StructuralSchemaReader.Read(schema);
        var self = CelShape.From(read, isRoot) ?? CelShape.Dyn;
        var sizes = new Dictionary<string, CelSize> { ["self"] = CelSize.From(read), ["oldSelf"] = CelSize.From(read) };
        var times = cardinality ?? CelSize.MostIn(read);
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var where = $"{at}.x-kubernetes-validations[{index++}]";
            var text = rule.Text("rule") ?? "";
            var optional = rule["optionalOldSelf"].AsBool() == true;
            var variables = new Dictionary<string, CelShape> { ["self"] = self, ["oldSelf"] = optional ? CelShape.OptionalOf(self) : self };
            if (Expression(rule, "rule", CelShape.Bool, variables, where, errors) is { } node)
            {
                var cost = CelCost.Of(node, sizes) * times;
                if (cost > CelCostTotal.RuleLimit)
                {
                    errors.Forbidden($"{where}.rule", CelCostTotal.Message("estimated rule cost", cost, CelCostTotal.RuleLimit));
                }
                total.Observe($"{where}.rule", cost);
            }
            if (rule.Text("messageExpression") is { Length: > 0 } && Expression(rule, "messageExpression", CelShape.Text, variables, where, errors) is { } message)
            {
                var cost = CelCost.Of(message, sizes);
                if (cost > CelCostTotal.RuleLimit)
                {
                    errors.Forbidden($"{where}.messageExpression", CelCostTotal.Message("estimated messageExpression cost", cost, CelCostTotal.RuleLimit));
                }
                total.Observe($"{where}.messageExpression", cost);
            }
            if (CelRules.UsesOldSelf(text))
            {
                if (uncorrelatable is not null)
                {
                    errors.Invalid($"{where}.rule", text, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}");
                }
            }
            else if (rule["optionalOldSelf"] is { } given)
            {
                errors.Invalid($"{where}.optionalOldSelf", given.DeepClone(), "may not be set if oldSelf is not used in rule");
            }
        }
    }

    private static void Message(JsonObject rule, string text, string where, FieldErrors errors)
    {
        var message = rule.Text("message") ?? "";
        if (message.Length > 0 && message.Trim().Length == 0)
        {
            errors.Invalid($"{where}.message", message, "message must be non-empty if specified");
        }
        else if (HasLines(message.Trim()))
        {
            errors.Invalid($"{where}.message", message, "message must not contain line breaks");
        }
        else if (HasLines(text.Trim()) && message.Trim().Length == 0)
        {
            errors.Required($"{where}.message", "message must be specified if rule contains line breaks");
        }
    }

    private static void FieldPath(JsonObject schema, string path, string where, FieldErrors errors)
    {
        if (path.Length == 0)
        {
            return;
        }
        if (path.Trim().Length == 0)
        {
            errors.Invalid(where, path, "fieldPath must be non-empty if specified");
        }
        if (HasLines(path))
        {
            errors.Invalid(where, path, "fieldPath must not contain line breaks");
        }
        if (SchemaPaths.Find(path, schema, withKeys: true).Problem is not null)
        {
            errors.Invalid(where, path, "fieldPath must be a valid path");
        }
    }

    private static bool HasLines(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;

    /// <summary>One expression as a tree; null where it is none, or none of its type.</summary>
    private static CelNode? Expression(JsonObject rule, string field, CelShape wanted, Dictionary<string, CelShape> variables, string where, FieldErrors errors)
    {
        var compiled = new CelEnvironment(variables).Compile(rule.Text(field)!);
        var failure = compiled.Failure;
        var isRule = field == "rule";
        var constant = failure is null && compiled.Shape.Is(wanted) ? CelConstants.Problem(compiled.Node) : null;
        if (failure is null && constant is null && compiled.Shape.Is(wanted))
        {
            return compiled.Node;
        }
        var detail = constant is not null ? $"{(isRule ? "" : "messageExpression ")}program instantiation failed: {constant}" : failure is not null ? $"{(isRule ? "" : "messageExpression ")}compilation failed: {failure}"
            : isRule ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string";
        errors.Add("FieldValueInvalid", $"{where}.{field}", $"Invalid value: {AsGo(rule)}: {detail}");
        return null;
    }

    /// <summary>A rule as a message of kube-apiserver shows it.</summary>
    private static string AsGo(JsonObject rule) =>
        $"apiextensions.ValidationRule{{Rule:{FieldErrors.Quote(rule.Text("rule") ?? "")}, Message:{FieldErrors.Quote(rule.Text("message") ?? "")}, "
        + $"MessageExpression:{FieldErrors.Quote(rule.Text("messageExpression") ?? "")}, Reason:(*apiextensions.FieldValueErrorReason)({(rule["reason"] is null ? "nil" : "0x0")}), "
        + $"FieldPath:{FieldErrors.Quote(rule.Text("fieldPath") ?? "")}, OptionalOldSelf:(*bool)({(rule["optionalOldSelf"] is null ? "nil" : "0x0")})}}";
}
