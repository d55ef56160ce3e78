using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class PodTemplateStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => PodTemplateDefaults.Template(tree.Need("template"));

    public override bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["template"], old["template"]);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        PodValidation.Template(tree.Child("template"), "template", errors);
    }

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => PodWarnings.OfTemplate(tree, old, "template");
}

internal sealed class ReplicationControllerStrategy : ResourceStrategy
{
    /// <summary>For old clients' sake the pods of a controller stay.</summary>
    public override string? DefaultPropagation => "Orphan";

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        tree.Child("status")?.Default("replicas", 0);
        if (spec.Child("template") is not { } template)
        {
            return;
        }
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
        PodValidation.NotNegative(spec ?? [], "minReadySeconds", "spec", errors);
        var labels = spec?.Child("template")?.Child("metadata")?.Child("labels");
        var selector = spec?.Child("selector");
        if (selector is not { Count: > 0 })
        {
            errors.Required("spec.selector");
        }
        PodValidation.NotNegative(spec ?? [], "replicas", "spec", errors);
        if (selector is { Count: > 0 } && selector.Any(w => labels?[w.Key].AsText() != w.Value.AsText()))
        {
            errors.InvalidShown("spec.template.metadata.labels", GoValues.Map(labels), "`selector` does not match template `labels`");
        }
        if (spec?.Child("template") is not { } template)
        {
            errors.Required("spec.template");
            return;
        }
        PodValidation.Template(template, "spec.template", errors);
        if (template.TextAt("spec", "restartPolicy") is { } policy && policy != "Always")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }
        if (template.At("spec", "activeDeadlineSeconds") is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicationController is not Supported");
        }
    }

    /// <summary>A changed controller is checked as a new one, and again as a change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, errors);
    }

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => PodWarnings.OfTemplate(tree, old, "spec", "template");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0 };
}
