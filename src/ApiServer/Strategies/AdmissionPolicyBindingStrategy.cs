using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Bindings that put a ValidatingAdmissionPolicy to work.</summary>
internal sealed class AdmissionPolicyBindingStrategy : ResourceStrategy
{
    private static readonly string[] Known = ["Audit", "Deny", "Warn"];

    public override bool AllowsUnconditionalUpdate => false;

    public override void Default(JsonObject tree)
    {
        if (tree.Need("spec").Child("matchResources") is { } match)
        {
            AdmissionMatchValidation.Default(match);
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.Text("policyName") is not { Length: > 0 } policy)
        {
            errors.Required("spec.policyName");
        }
        else
        {
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, policy))
            {
                errors.Invalid("spec.policyName", policy, problem);
            }
        }
        if (spec.Child("paramRef") is { } reference)
        {
            Reference(reference, "spec.paramRef", errors);
        }
        if (spec.Child("matchResources") is { } match)
        {
            AdmissionMatchValidation.Resources(match, "spec.matchResources", errors);
        }
        Actions(spec, errors);
    }

    private static void Reference(JsonObject reference, string path, FieldErrors errors)
    {
        var name = reference.Text("name") ?? "";
        var selector = reference.Child("selector");
        if (name.Length > 0)
        {
            foreach (var problem in AdmissionMatchValidation.PathSegment(name))
            {
                errors.Invalid($"{path}.name", name, problem);
            }
            if (selector is not null)
            {
                errors.Forbidden($"{path}.name", "name and selector are mutually exclusive");
            }
        }
        if (selector is not null)
        {
            SelectorValidation.Check(selector, $"{path}.selector", errors);
            if (name.Length > 0)
            {
                errors.Forbidden($"{path}.selector", "name and selector are mutually exclusive");
            }
        }
        if (name.Length == 0 && selector is null)
        {
            errors.Required(path, "one of name or selector must be specified");
        }
        if (reference.Text("parameterNotFoundAction") is not { Length: > 0 } action)
        {
            errors.Required($"{path}.parameterNotFoundAction");
        }
        else if (action is not ("Allow" or "Deny"))
        {
            errors.NotSupported($"{path}.parameterNotFoundAction", action, ["Deny", "Allow"]);
        }
    }

    private static void Actions(JsonObject spec, FieldErrors errors)
    {
        var actions = spec.List("validationActions").Texts().ToList();
        for (var i = 0; i < actions.Count; i++)
        {
            if (Array.IndexOf(Known, actions[i]) < 0)
            {
                errors.NotSupported($"spec.validationActions[{i}]", actions[i], Known);
            }
            if (actions.IndexOf(actions[i]) < i)
            {
                errors.Duplicate($"spec.validationActions[{i}]", actions[i]);
            }
        }
        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            errors.InvalidShown("spec.validationActions", GoValues.Texts("[]admissionregistration.ValidationAction", spec["validationActions"]),
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
        if (actions.Count == 0)
        {
            errors.Required("spec.validationActions", "at least one validation action is required");
        }
    }
}
