using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class PodTemplateStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => PodTemplateDefaults.Template(tree.Need("template"));

    public override bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["template"], old["template"]);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.Child("template")?.Child("spec") is { } pod)
        {
            PodValidation.Spec(pod, "template.spec", errors);
        }
    }
}

internal sealed class ReplicationControllerStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        var template = spec.Need("template");
        PodTemplateDefaults.Template(template);
        if (template.Metadata().Child("labels") is not { Count: > 0 } labels)
        {
            return;
        }
        if (spec.Child("selector") is not { Count: > 0 })
        {
            spec["selector"] = labels.DeepClone();
        }
        if (tree.Metadata().Child("labels") is not { Count: > 0 })
        {
            tree.Metadata()["labels"] = labels.DeepClone();
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec");
        if (spec?["replicas"].AsLong() is < 0 and var replicas)
        {
            errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }
        var labels = spec?.Child("template")?.Child("metadata")?.Child("labels");
        if (spec?.Child("selector") is not { Count: > 0 } selector)
        {
            errors.Required("spec.selector");
        }
        else if (selector.Any(w => labels?[w.Key].AsText() != w.Value.AsText()))
        {
            errors.Invalid("spec.template.metadata.labels", labels?.DeepClone(), "`selector` does not match template `labels`");
        }
        if (spec?.Child("template")?.Child("spec") is { } pod)
        {
            PodValidation.Spec(pod, "spec.template.spec", errors);
            if (pod.Text("restartPolicy") is { } policy && policy != "Always")
            {
                errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
            }
        }
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0 };
}
