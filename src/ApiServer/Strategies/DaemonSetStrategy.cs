using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class DaemonSetStrategy : WorkloadStrategy
{
    /// <summary>Where the older API's count of template changes lives on.</summary>
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    public override void Default(JsonObject tree)
    {
        tree.Metadata().Need("annotations").Default(TemplateGeneration, "0");
        foreach (var count in Counts)
        {
            tree.Child("status")?.Default(count, 0);
        }
        var spec = tree.Need("spec");
        var update = spec.Need("updateStrategy");
        update.Default("type", "RollingUpdate");
        if (update.Text("type") == "RollingUpdate")
        {
            var rolling = update.Need("rollingUpdate");
            rolling.Default("maxUnavailable", 1);
            rolling.Default("maxSurge", 0);
        }
        spec.Default("revisionHistoryLimit", 10);
        PodTemplateDefaults.Template(spec.Need("template"));
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree.Metadata().Need("annotations")[TemplateGeneration] = "1";
        tree["status"] = new JsonObject
        {
            ["currentNumberScheduled"] = 0,
            ["numberMisscheduled"] = 0,
            ["desiredNumberScheduled"] = 0,
            ["numberReady"] = 0,
        };
    }

    private static readonly string[] Counts = ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"];

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old) =>
        tree.Metadata().Need("annotations")[TemplateGeneration] = old.TextAt("metadata", "annotations", TemplateGeneration) ?? "0";

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        var generation = long.TryParse(old.TextAt("metadata", "annotations", TemplateGeneration), out var before) ? before : 0;
        var changed = !JsonNode.DeepEquals(tree.At("spec", "template"), old.At("spec", "template"));
        tree.Metadata().Need("annotations")[TemplateGeneration] = (changed ? generation + 1 : generation).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    protected override string EmptySelector => "empty selector is invalid for daemonset";

    /// <summary>A changed daemon set is checked as a new one, and again as a change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        CheckSelector(spec, errors, isRequired: false);
        CheckTemplate(spec.Child("template") ?? [], "DaemonSet", errors);
        PodValidation.NotNegative(spec, "minReadySeconds", "spec", errors);
        CheckUpdate(spec.Child("updateStrategy") ?? [], errors);
        PodValidation.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
    }

    private static void CheckUpdate(JsonObject update, FieldErrors errors)
    {
        const string at = "spec.updateStrategy";
        switch (update.Text("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate":
                var rolling = update.Child("rollingUpdate") ?? [];
                Share.Check(rolling["maxUnavailable"], $"{at}.rollingUpdate.maxUnavailable", errors);
                Share.Check(rolling["maxSurge"], $"{at}.rollingUpdate.maxSurge", errors);
                var (none, surges) = (Share.IsZero(rolling["maxUnavailable"]), !Share.IsZero(rolling["maxSurge"]));
                if (none && !surges)
                {
                    errors.Required($"{at}.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0");
                }
                else if (!none && surges)
                {
                    errors.InvalidShown($"{at}.rollingUpdate.maxSurge", GoValues.IntOrString(rolling["maxSurge"]), "may not be set when maxUnavailable is non-zero");
                }
                break;
            case var other:
                var kept = update["rollingUpdate"] is null ? "(*apps.RollingUpdateDaemonSet)(nil)" : "(*apps.RollingUpdateDaemonSet)(0xc000000000)";
                errors.Add("FieldValueNotSupported", at,
                    $"Unsupported value: apps.DaemonSetUpdateStrategy{{Type:{FieldErrors.Quote(other ?? "")}, RollingUpdate:{kept}}}: supported values: \"RollingUpdate\", \"OnDelete\"");
                break;
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        base.ValidateUpdate(tree, old, errors);
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CheckCounts(tree.Child("status") ?? [],
        ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable"], [], errors);
}
