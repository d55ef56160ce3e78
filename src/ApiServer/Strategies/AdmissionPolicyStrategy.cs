using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>ValidatingAdmissionPolicies: what can be evaluated is taken.</summary>
internal sealed class AdmissionPolicyStrategy : ResourceStrategy
{
    private const int MostAnnotations = 20;
    private const int LongestAnnotation = 5 * 1024;

    /// <summary>Told of every change, after it was committed.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override bool AllowsUnconditionalUpdate => false;

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(type, value);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("failurePolicy", "Fail");
        if (spec.Child("matchConstraints") is { } match)
        {
            AdmissionMatchValidation.Default(match);
        }
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors) => Validate(tree, null, errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => Validate(tree, old, errors);

    private static void Validate(JsonObject tree, JsonObject? old, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.Text("failurePolicy") is not ("Fail" or "Ignore"))
        {
            errors.NotSupported("spec.failurePolicy", spec.Text("failurePolicy"), ["Fail", "Ignore"]);
        }
        if (spec.Child("paramKind") is { } kind)
        {
            ParamKind(kind, "spec.paramKind", errors);
        }
        if (spec.Child("matchConstraints") is not { } match)
        {
            errors.Required("spec.matchConstraints");
        }
        else
        {
            AdmissionMatchValidation.Resources(match, "spec.matchConstraints", errors);
            if (match.List("resourceRules") is not { Count: > 0 })
            {
                errors.Required("spec.matchConstraints.resourceRules");
            }
        }
        var hasParams = spec.Child("paramKind") is not null;
        var before = old?.Child("spec");
        // What stands as it stood was taken then.
        if (before is null || !JsonNode.DeepEquals(before["matchConditions"], spec["matchConditions"]) || !JsonNode.DeepEquals(before["paramKind"], spec["paramKind"]))
        {
            AdmissionMatchValidation.Conditions(spec.List("matchConditions"), "spec.matchConditions", hasParams, errors);
        }
        var shapes = Variables(spec.List("variables"), hasParams, errors);
        if (spec.List("validations") is not { Count: > 0 } && spec.List("auditAnnotations") is not { Count: > 0 })
        {
            errors.Required("spec.validations", "validations or auditAnnotations must contain at least one item");
            errors.Required("spec.auditAnnotations", "validations or auditAnnotations must contain at least one item");
            return;
        }
        Validations(spec.List("validations"), shapes, hasParams, errors);
        Annotations(tree.Metadata().Text("name") ?? "", spec.List("auditAnnotations"), shapes, hasParams, errors);
    }

    private static void ParamKind(JsonObject kind, string path, FieldErrors errors)
    {
        var version = kind.Text("apiVersion") ?? "";
        if (version.Length == 0)
        {
            errors.Required($"{path}.apiVersion");
        }
        else if (version.Count(c => c == '/') > 1)
        {
            errors.Invalid($"{path}.apiVersion", version, $"unexpected GroupVersion string: {version}");
        }
        else
        {
            var (group, rest) = version == "/" ? ("", "") : version.Split('/') is [var g, var v] ? (g, v) : ("", version);
            if (group.Length > 0 && NameRules.CheckDns1123Subdomain(group) is { Count: > 0 } wrong)
            {
                errors.Invalid($"{path}.apiVersion", group, string.Join(',', wrong));
            }
            if (rest.Length == 0)
            {
                errors.Invalid($"{path}.apiVersion", version, "version must be specified");
            }
            else if (NameRules.CheckDns1035Label(rest) is { Count: > 0 } problems)
            {
                errors.Invalid($"{path}.apiVersion", rest, string.Join(',', problems));
            }
        }
        if (kind.Text("kind") is not { Length: > 0 } name)
        {
            errors.Required($"{path}.kind");
        }
        else if (NameRules.CheckDns1035Label(name.ToLowerInvariant()) is { Count: > 0 } wrong)
        {
            errors.Invalid($"{path}.kind", name, "may have mixed case, but should otherwise match: " + string.Join(',', wrong));
        }
    }

    /// <summary>Checks variables in their order; each sees those before it. Answers their types, or null where there are none.</summary>
    private static Dictionary<string, CelShape>? Variables(JsonArray? variables, bool hasParams, FieldErrors errors)
    {
        if (variables is not { Count: > 0 })
        {
            return null;
        }
        var shapes = new Dictionary<string, CelShape>(StringComparer.Ordinal);
        var environment = Environment(shapes, hasParams, hasAuthorizer: true);
        var index = 0;
        foreach (var variable in variables.Objects())
        {
            var at = $"spec.variables[{index++}]";
            var name = variable.Text("name") ?? "";
            if (string.IsNullOrWhiteSpace(name))
            {
                errors.Required($"{at}.name", "name is not specified");
            }
            else if (!CelLiterals.IsIdentifier(name))
            {
                errors.Invalid($"{at}.name", name, "name is not a valid CEL identifier");
            }
            if (string.IsNullOrWhiteSpace(variable.Text("expression")))
            {
                errors.Required($"{at}.expression", "expression is not specified");
                continue;
            }
            shapes[name] = PolicyShapes.AsVariable(AdmissionMatchValidation.Expression(environment, variable.Text("expression")!, [], $"{at}.expression", errors));
        }
        return shapes;
    }

    private static CelEnvironment Environment(Dictionary<string, CelShape>? variables, bool hasParams, bool hasAuthorizer)
    {
        var environment = PolicyShapes.Environment(hasParams, hasAuthorizer, isStored: false);
        return variables is null ? environment : PolicyShapes.WithVariables(environment, variables);
    }

    private static void Validations(JsonArray? validations, Dictionary<string, CelShape>? shapes, bool hasParams, FieldErrors errors)
    {
        var environment = Environment(shapes, hasParams, hasAuthorizer: true);
        var telling = Environment(shapes, hasParams, hasAuthorizer: false);
        var index = 0;
        foreach (var validation in validations.Objects())
        {
            var at = $"spec.validations[{index++}]";
            if (string.IsNullOrWhiteSpace(validation.Text("expression")))
            {
                errors.Required($"{at}.expression", "expression is not specified");
            }
            else
            {
                AdmissionMatchValidation.Expression(environment, validation.Text("expression")!, [CelShape.Bool], $"{at}.expression", errors);
            }
            if (validation.Text("messageExpression") is { Length: > 0 } made)
            {
                if (string.IsNullOrWhiteSpace(made))
                {
                    errors.Invalid($"{at}.messageExpression", made, "must be non-empty if specified");
                }
                else
                {
                    AdmissionMatchValidation.Expression(telling, made, [CelShape.Text], $"{at}.messageExpression", errors);
                }
            }
            var message = validation.Text("message") ?? "";
            if (message.Length > 0 && message.Trim().Length == 0)
            {
                errors.Invalid($"{at}.message", message, "message must be non-empty if specified");
            }
            else if (message.Trim().AsSpan().IndexOfAny('\n', '\r') >= 0)
            {
                errors.Invalid($"{at}.message", message, "message must not contain line breaks");
            }
            if (validation.Text("reason") is { } reason and not ("Forbidden" or "Invalid" or "RequestEntityTooLarge"))
            {
                errors.NotSupported($"{at}.reason", reason, ["Forbidden", "Invalid", "RequestEntityTooLarge"]);
            }
        }
    }

    private static void Annotations(string policy, JsonArray? annotations, Dictionary<string, CelShape>? shapes, bool hasParams, FieldErrors errors)
    {
        const string path = "spec.auditAnnotations";
        var given = annotations.Objects().ToList();
        if (given.Count > MostAnnotations)
        {
            var shown = string.Join(", ", given.Select(a => $"admissionregistration.AuditAnnotation{{Key:{FieldErrors.Quote(a.Text("key") ?? "")}, ValueExpression:{FieldErrors.Quote(a.Text("valueExpression") ?? "")}}}"));
            errors.InvalidShown(path, $"[]admissionregistration.AuditAnnotation{{{shown}}}", $"must not have more than {MostAnnotations} auditAnnotations");
        }
        var environment = Environment(shapes, hasParams, hasAuthorizer: true);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < given.Count; i++)
        {
            var key = given[i].Text("key") ?? "";
            if (policy.Length == 0)
            {
                errors.Invalid($"{path}[{i}].key", key, "requires metadata.name be non-empty");
            }
            else
            {
                PodValidation.Qualified($"{policy}/{key}", $"{path}[{i}].key", errors);
            }
            Value(environment, given[i].Text("valueExpression") ?? "", $"{path}[{i}].valueExpression", errors);
            if (!keys.Add(key))
            {
                errors.Duplicate($"{path}[{i}].key", key);
            }
        }
    }

    private static void Value(CelEnvironment environment, string expression, string path, FieldErrors errors)
    {
        var trimmed = expression.Trim();
        if (trimmed.Length == 0)
        {
            errors.Required(path, "valueExpression is not specified");
        }
        else if (trimmed.Length > LongestAnnotation)
        {
            errors.Required(path, $"must not exceed {LongestAnnotation} bytes in length");
        }
        else
        {
            AdmissionMatchValidation.Expression(environment, trimmed, [CelShape.Text, CelShape.Null], path, errors);
        }
    }
}
