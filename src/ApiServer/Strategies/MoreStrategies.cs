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
