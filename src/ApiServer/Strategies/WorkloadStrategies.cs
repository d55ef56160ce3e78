using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Deployments: a selector that must fit its template, rolling updates by default.</summary>
internal sealed class DeploymentStrategy : WorkloadStrategy
{
    /// <summary>A deployment's annotations are handed on to its replica sets, and count as what is asked for.</summary>
    public override bool SpecChanged(JsonObject tree, JsonObject old) =>
        base.SpecChanged(tree, old) || !JsonNode.DeepEquals(tree.At("metadata", "annotations"), old.At("metadata", "annotations"));

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
        var meta = tree.Metadata();
        meta.Remove("labels");
        if (old.Metadata()["labels"] is { } labels)
        {
            meta["labels"] = labels.DeepClone();
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CheckCounts(tree.Child("status") ?? [],
        ["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"], ["updatedReplicas", "readyReplicas", "availableReplicas"], errors);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        PodTemplateDefaults.Template(spec.Need("template"));
        var strategy = spec.Need("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Need("rollingUpdate");
            rolling.Default("maxUnavailable", "25%");
            rolling.Default("maxSurge", "25%");
        }
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        base.Validate(tree, errors);
        var spec = tree.Need("spec");
        CheckStrategy(spec.Child("strategy") ?? [], errors);
        PodValidation.NotNegative(spec, "minReadySeconds", "spec", errors);
        PodValidation.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
        if (spec["progressDeadlineSeconds"].AsLong() is { } deadline)
        {
            PodValidation.NotNegative(spec, "progressDeadlineSeconds", "spec", errors);
            if (deadline <= (spec["minReadySeconds"].AsLong() ?? 0))
            {
                errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
            }
        }
    }

    private static void CheckStrategy(JsonObject strategy, FieldErrors errors)
    {
        const string at = "spec.strategy";
        switch (strategy.Text("type"))
        {
            case "Recreate" when strategy["rollingUpdate"] is not null:
                errors.Forbidden($"{at}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "Recreate":
                break;
            case "RollingUpdate":
                var rolling = strategy.Child("rollingUpdate") ?? [];
                Share.Check(rolling["maxUnavailable"], $"{at}.rollingUpdate.maxUnavailable", errors);
                Share.Check(rolling["maxSurge"], $"{at}.rollingUpdate.maxSurge", errors, mayExceedAll: true);
                if (Share.IsZero(rolling["maxUnavailable"]) && Share.IsZero(rolling["maxSurge"]))
                {
                    errors.InvalidShown($"{at}.rollingUpdate.maxUnavailable", GoValues.IntOrString(rolling["maxUnavailable"]), "may not be 0 when `maxSurge` is 0");
                }
                break;
            case var other:
                var kept = strategy["rollingUpdate"] is null ? "(*apps.RollingUpdateDeployment)(nil)" : "(*apps.RollingUpdateDeployment)(0xc000000000)";
                errors.Add("FieldValueNotSupported", at,
                    $"Unsupported value: apps.DeploymentStrategy{{Type:{FieldErrors.Quote(other ?? "")}, RollingUpdate:{kept}}}: supported values: \"Recreate\", \"RollingUpdate\"");
                break;
        }
    }
}

internal sealed class ReplicaSetStrategy : WorkloadStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        tree.Child("status")?.Default("replicas", 0);
        spec.Default("replicas", 1);
        PodTemplateDefaults.Template(spec.Need("template"));
    }

    protected override string EmptySelector => "empty selector is invalid for deployment";

    /// <summary>A changed replica set is checked as a new one, and again as a change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0 };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        base.Validate(tree, errors);
        PodValidation.NotNegative(tree.Need("spec"), "minReadySeconds", "spec", errors);
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        base.ValidateUpdate(tree, old, errors);
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CheckCounts(tree.Child("status") ?? [],
        ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"], ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], errors);
}

internal sealed class StatefulSetStrategy : WorkloadStrategy
{
    public override NameRule Names => NameRule.Label;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        tree.Child("status")?.Default("replicas", 0);
        tree.Child("status")?.Default("availableReplicas", 0);
        spec.Default("replicas", 1);
        spec.Default("podManagementPolicy", "OrderedReady");
        spec.Default("serviceName", "");
        var update = spec.Need("updateStrategy");
        if (update.Text("type") is null or "")
        {
            update["type"] = "RollingUpdate";
            update.Need("rollingUpdate");
        }
        if (update.Text("type") == "RollingUpdate")
        {
            update.Child("rollingUpdate")?.Default("partition", 0);
        }
        foreach (var claim in spec.List("volumeClaimTemplates").Objects())
        {
            // What a set makes are claims: their templates say so, and have a claim's defaults.
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            claim.Metadata().TryAdd("creationTimestamp", null);
            claim.Need("spec").Default("volumeMode", "Filesystem");
            claim.Need("spec").Need("resources");
            claim.Need("status").Default("phase", "Pending");
        }
        spec.Default("revisionHistoryLimit", 10);
        var retention = spec.Need("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        PodTemplateDefaults.Template(spec.Need("template"));
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };

    protected override string EmptySelector => "empty selector is invalid for statefulset";

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel") and var policy)
        {
            errors.Invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
        }
        var update = spec.Child("updateStrategy") ?? [];
        switch (update.Text("type"))
        {
            case "OnDelete" when update["rollingUpdate"] is { } rolling:
                errors.InvalidShown("spec.updateStrategy.rollingUpdate", $"apps.RollingUpdateStatefulSetStrategy{{Partition:{rolling["partition"].AsLong() ?? 0}, MaxUnavailable:(*intstr.IntOrString)(nil)}}", "only allowed for updateStrategy 'RollingUpdate'");
                break;
            case "OnDelete":
                break;
            case "RollingUpdate":
                PodValidation.NotNegative(update.Child("rollingUpdate") ?? [], "partition", "spec.updateStrategy.rollingUpdate", errors);
                break;
            default:
                errors.InvalidShown("spec.updateStrategy", $"apps.StatefulSetUpdateStrategy{{Type:{FieldErrors.Quote(update.Text("type") ?? "")}, RollingUpdate:(*apps.RollingUpdateStatefulSetStrategy)(nil)}}", "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
        var retention = spec.Child("persistentVolumeClaimRetentionPolicy") ?? [];
        foreach (var when in (string[])["whenDeleted", "whenScaled"])
        {
            PodValidation.Choice(retention, when, "spec.persistentVolumeClaimRetentionPolicy", ["Retain", "Delete"], errors);
        }
        PodValidation.NotNegative(spec, "replicas", "spec", errors);
        PodValidation.NotNegative(spec, "minReadySeconds", "spec", errors);
        PodValidation.NotNegative(spec.Child("ordinals") ?? [], "start", "spec.ordinals", errors);
        CheckSelector(spec, errors, isRequired: true);
        // Volumes of the template may be claims that are made later: Kubernetes looks at nothing of its pods but this.
        var template = spec.Child("template") ?? [];
        NameValidation.Labels(template.Child("metadata")?.Child("labels"), "spec.template.labels", errors);
        NameValidation.Annotations(template.Child("metadata")?.Child("annotations"), "spec.template.annotations", errors);
        CheckTemplateLife(template, "StatefulSet", errors);
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CheckCounts(tree.Child("status") ?? [],
        ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount"],
        ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"], errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        JsonObject Fixed(JsonObject set)
        {
            var spec = set.Need("spec").Copy();
            foreach (var field in (string[])["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"])
            {
                spec.Remove(field);
            }
            return spec;
        }
        if (!JsonNode.DeepEquals(Fixed(tree), Fixed(old)))
        {
            errors.Forbidden("spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }
}

/// <summary>What the replicating kinds have in common.</summary>
internal abstract class WorkloadStrategy : ResourceStrategy
{
    protected virtual string EmptySelector => "empty selector is invalid for deployment";

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec") ?? [];
        PodValidation.NotNegative(spec, "replicas", "spec", errors);
        CheckSelector(spec, errors, isRequired: true);
        CheckTemplate(spec.Child("template") ?? [], "ReplicaSet", errors);
    }

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => PodWarnings.OfTemplate(tree, old, "spec", "template");

    /// <summary>A selector that is one, says something, and fits the template. No selector fits no template.</summary>
    protected void CheckSelector(JsonObject spec, FieldErrors errors, bool isRequired)
    {
        var selector = spec.Child("selector");
        var labels = spec.Child("template")?.Child("metadata")?.Child("labels");
        if (selector is null)
        {
            if (isRequired)
            {
                errors.Required("spec.selector");
            }
            errors.InvalidShown("spec.template.metadata.labels", GoValues.Map(labels), "`selector` does not match template `labels`");
            return;
        }
        var before = errors.Count;
        SelectorValidation.Check(selector, "spec.selector", errors);
        if (errors.Count > before)
        {
            errors.InvalidShown("spec.selector", GoValues.Selector(selector), "invalid label selector");
            return;
        }
        if (selector.Child("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 })
        {
            errors.InvalidShown("spec.selector", GoValues.Selector(selector), EmptySelector);
        }
        else if (!Selects(selector, labels))
        {
            errors.InvalidShown("spec.template.metadata.labels", GoValues.Map(labels), "`selector` does not match template `labels`");
        }
    }

    protected static void CheckTemplate(JsonObject template, string kind, FieldErrors errors)
    {
        PodValidation.Template(template, "spec.template", errors);
        CheckTemplateLife(template, kind, errors);
    }

    /// <summary>Pods that are replaced run for ever.</summary>
    protected static void CheckTemplateLife(JsonObject template, string kind, FieldErrors errors)
    {
        var pod = template.Child("spec") ?? [];
        if (pod.Text("restartPolicy") is { } policy && policy != "Always")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }
        if (pod["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    /// <summary>Counts of a status: none below nothing, and parts no greater than the whole.</summary>
    protected static void CheckCounts(JsonObject status, string[] counts, string[] parts, FieldErrors errors)
    {
        long Count(string field) => status[field].AsLong() ?? 0;
        foreach (var field in counts)
        {
            PodValidation.NotNegative(status, field, "status", errors);
        }
        foreach (var field in parts)
        {
            if (Count(field) > Count("replicas"))
            {
                errors.Invalid($"status.{field}", Count(field), "cannot be greater than status.replicas");
            }
        }
        if (Array.IndexOf(parts, "availableReplicas") >= 0 && Count("availableReplicas") > Count("readyReplicas"))
        {
            errors.Invalid("status.availableReplicas", Count("availableReplicas"), "cannot be greater than readyReplicas");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (!JsonNode.DeepEquals(tree.At("spec", "selector"), old.At("spec", "selector")))
        {
            errors.InvalidShown("spec.selector", tree.At("spec", "selector") is JsonObject now ? GoValues.Selector(now) : "\"null\"", "field is immutable");
        }
    }

    private static bool Selects(JsonObject selector, JsonObject? labels)
    {
        var values = (labels ?? []).ToDictionary(l => l.Key, l => l.Value.AsText() ?? "", StringComparer.Ordinal);
        return ActorKube.Models.LabelSelector.From(ActorKube.Models.KubeJson.Deserialize<k8s.Models.V1LabelSelector>(Json.Bytes(selector))).Matches(values);
    }
}
