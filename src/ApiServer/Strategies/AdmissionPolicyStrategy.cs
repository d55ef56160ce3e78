using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>ValidatingAdmissionPolicies: what can be evaluated is taken.</summary>
internal sealed class AdmissionPolicyStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("failurePolicy", "Fail");
        if (spec.Child("matchConstraints") is { } match)
        {
            Match(match);
        }
    }

    /// <summary>What a match leaves open.</summary>
    public static void Match(JsonObject match)
    {
        match.Default("matchPolicy", "Equivalent");
        match.Default("namespaceSelector", new JsonObject());
        match.Default("objectSelector", new JsonObject());
        WebhookConfigurationStrategy.Rules(match, "resourceRules");
        WebhookConfigurationStrategy.Rules(match, "excludeResourceRules");
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.List("validations") is not { Count: > 0 } && spec.List("auditAnnotations") is not { Count: > 0 })
        {
            errors.Required("spec.validations", "validations or auditAnnotations must contain at least one item");
            errors.Required("spec.auditAnnotations", "validations or auditAnnotations must contain at least one item");
        }
        if (spec.Child("matchConstraints") is not { } match)
        {
            errors.Required("spec.matchConstraints");
        }
        else if (match.List("resourceRules") is not { Count: > 0 })
        {
            errors.Required("spec.matchConstraints.resourceRules");
        }
        else
        {
            WebhookConfigurationStrategy.CheckRules(match.List("resourceRules"), "spec.matchConstraints.resourceRules", errors);
        }
        if (spec.Text("failurePolicy") is not ("Fail" or "Ignore"))
        {
            errors.NotSupported("spec.failurePolicy", spec.Text("failurePolicy"), ["Fail", "Ignore"]);
        }
        WebhookConfigurationStrategy.CheckConditions(spec.List("matchConditions"), "spec.matchConditions", errors);
        Expressions(spec.List("variables"), "spec.variables", "expression", errors);
        Expressions(spec.List("validations"), "spec.validations", "expression", errors);
        Expressions(spec.List("validations"), "spec.validations", "messageExpression", errors, required: false);
    }

    private static void Expressions(JsonArray? list, string path, string field, FieldErrors errors, bool required = true)
    {
        var index = 0;
        foreach (var item in list.Objects())
        {
            var at = $"{path}[{index++}].{field}";
            if (string.IsNullOrWhiteSpace(item.Text(field)))
            {
                if (required)
                {
                    errors.Required(at, $"{field} is not specified");
                }
            }
            else if (CelRules.Compile(item.Text(field)!).Failure is { } problem)
            {
                errors.Invalid(at, item.Text(field), $"compilation failed: ERROR: {problem}");
            }
        }
    }
}

internal sealed class AdmissionPolicyBindingStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    private static readonly string[] Known = ["Audit", "Deny", "Warn"];

    public override void Default(JsonObject tree)
    {
        if (tree.Need("spec").Child("matchResources") is { } match)
        {
            AdmissionPolicyStrategy.Match(match);
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (string.IsNullOrEmpty(spec.Text("policyName")))
        {
            errors.Required("spec.policyName");
        }
        var actions = spec.List("validationActions").Texts().ToList();
        if (actions.Count == 0)
        {
            errors.Required("spec.validationActions", "at least one validation action is required");
        }
        for (var i = 0; i < actions.Count; i++)
        {
            if (Array.IndexOf(Known, actions[i]) < 0)
            {
                errors.NotSupported($"spec.validationActions[{i}]", actions[i], Known);
            }
            else if (actions.IndexOf(actions[i]) < i)
            {
                errors.Duplicate($"spec.validationActions[{i}]", actions[i]);
            }
        }
        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            errors.InvalidShown("spec.validationActions", GoValues.Texts("[]admissionregistration.ValidationAction", spec["validationActions"]), "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
        if (spec.Child("paramRef") is { } reference)
        {
            if (string.IsNullOrEmpty(reference.Text("name")) == reference["selector"] is null)
            {
                errors.Required("spec.paramRef", "exactly one of name or selector must be specified");
            }
            if (reference.Text("parameterNotFoundAction") is not ("Allow" or "Deny"))
            {
                errors.Required("spec.paramRef.parameterNotFoundAction");
            }
        }
    }
}
