using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class PodTemplateStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => PodTemplateDefaults.Template(tree.Need("template"));

    public override bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["template"], old["template"]);
}

internal sealed class ReplicationControllerStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        var template = spec.Need("template");
        PodTemplateDefaults.Template(template);
        if (spec.Child("selector") is not { Count: > 0 } && template.Metadata().Child("labels") is { } labels)
        {
            spec["selector"] = labels.DeepClone();
        }
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0 };
}

internal sealed class IngressStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.At("spec", "rules") is not JsonArray { Count: > 0 } && tree.At("spec", "defaultBackend") is null)
        {
            errors.Invalid("spec", tree["spec"]?.DeepClone(), "either `defaultBackend` or `rules` must be specified");
        }
    }
}

internal sealed class DisruptionBudgetStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.At("spec", "minAvailable") is not null && tree.At("spec", "maxUnavailable") is not null)
        {
            errors.Invalid("spec", tree["spec"]?.DeepClone(), "minAvailable and maxUnavailable cannot be both set");
        }
    }
}

internal sealed class WebhookConfigurationStrategy : ResourceStrategy
{
    public override bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["webhooks"], old["webhooks"]);

    public override void Default(JsonObject tree)
    {
        foreach (var hook in tree.List("webhooks").Objects())
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Default("timeoutSeconds", 10);
            hook.Default("namespaceSelector", new JsonObject());
            hook.Default("objectSelector", new JsonObject());
            if (tree.Text("kind") == "MutatingWebhookConfiguration")
            {
                hook.Default("reinvocationPolicy", "Never");
            }
            foreach (var rule in hook.List("rules").Objects())
            {
                rule.Default("scope", "*");
            }
            if (hook.Child("clientConfig")?.Child("service") is { } service)
            {
                service.Default("port", 443);
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var index = 0;
        foreach (var hook in tree.List("webhooks").Objects())
        {
            var at = $"webhooks[{index++}]";
            var name = hook.Text("name") ?? "";
            if (name.Split('.').Length < 3)
            {
                errors.Invalid($"{at}.name", name, "should be a domain with at least three segments separated by dots");
            }
            if (hook.Text("failurePolicy") is not ("Fail" or "Ignore"))
            {
                errors.NotSupported($"{at}.failurePolicy", hook.Text("failurePolicy"), ["Fail", "Ignore"]);
            }
            if (hook.Text("sideEffects") is not ("None" or "NoneOnDryRun"))
            {
                errors.NotSupported($"{at}.sideEffects", hook.Text("sideEffects"), ["None", "NoneOnDryRun"]);
            }
            if (hook.List("admissionReviewVersions") is not { Count: > 0 })
            {
                errors.Required($"{at}.admissionReviewVersions", "must specify one of v1, v1beta1");
            }
            if (hook["timeoutSeconds"].AsLong() is not (>= 1 and <= 30) and var timeout)
            {
                errors.Invalid($"{at}.timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds");
            }
            if ((hook.At("clientConfig", "url") is null) == (hook.At("clientConfig", "service") is null))
            {
                errors.Required($"{at}.clientConfig", "exactly one of url or service is required");
            }
        }
    }
}
