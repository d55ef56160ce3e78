using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Deployments: a selector that must fit its template, rolling updates by default.</summary>
internal sealed class DeploymentStrategy : WorkloadStrategy
{
    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
        var meta = tree.Metadata();
        meta.Remove("labels");
        if (old.Metadata()["labels"] is { } labels)
        {
            meta["labels"] = labels.DeepClone();
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var status = tree.Child("status");
        long Count(string field) => status?[field].AsLong() ?? 0;
        foreach (var field in (string[])["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"])
        {
            if (Count(field) < 0)
            {
                errors.Invalid($"status.{field}", Count(field), "must be greater than or equal to 0");
            }
        }
        foreach (var field in (string[])["updatedReplicas", "readyReplicas", "availableReplicas"])
        {
            if (Count(field) > Count("replicas"))
            {
                errors.Invalid($"status.{field}", Count(field), "cannot be greater than status.replicas");
            }
        }
        if (Count("availableReplicas") > Count("readyReplicas"))
        {
            errors.Invalid("status.availableReplicas", Count("availableReplicas"), "cannot be greater than readyReplicas");
        }
    }

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
        CheckUpdate(spec.Child("strategy"), "spec.strategy", ["Recreate", "RollingUpdate"], errors);
        foreach (var field in (string[])["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"])
        {
            if (spec[field].AsLong() is < 0 and var value)
            {
                errors.Invalid($"spec.{field}", value, "must be greater than or equal to 0");
            }
        }
        if (spec["progressDeadlineSeconds"].AsLong() is { } deadline && deadline <= (spec["minReadySeconds"].AsLong() ?? 0))
        {
            errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }
}

internal sealed class ReplicaSetStrategy : WorkloadStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        PodTemplateDefaults.Template(spec.Need("template"));
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0 };
}

internal sealed class StatefulSetStrategy : WorkloadStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("replicas", 1);
        spec.Default("podManagementPolicy", "OrderedReady");
        spec.Default("serviceName", "");
        var update = spec.Need("updateStrategy");
        update.Default("type", "RollingUpdate");
        if (update.Text("type") == "RollingUpdate")
        {
            update.Need("rollingUpdate").Default("partition", 0);
        }
        spec.Default("revisionHistoryLimit", 10);
        var retention = spec.Need("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        PodTemplateDefaults.Template(spec.Need("template"));
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        base.Validate(tree, errors);
        var spec = tree.Need("spec");
        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel") and var policy)
        {
            errors.Invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
        }
        if (spec.Child("updateStrategy")?.Text("type") is not ("RollingUpdate" or "OnDelete") and var type)
        {
            errors.Invalid("spec.updateStrategy", spec["updateStrategy"]?.DeepClone(), $"must be 'RollingUpdate' or 'OnDelete', not '{type}'");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        JsonObject Fixed(JsonObject set)
        {
            var spec = set.Need("spec").Copy();
            foreach (var field in (string[])["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "revisionHistoryLimit"])
            {
                spec.Remove(field);
            }
            return spec;
        }
        if (!JsonNode.DeepEquals(Fixed(tree), Fixed(old)))
        {
            errors.Forbidden("spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }
}

internal sealed class DaemonSetStrategy : WorkloadStrategy
{
    public override void Default(JsonObject tree)
    {
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

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject
    {
        ["currentNumberScheduled"] = 0,
        ["numberMisscheduled"] = 0,
        ["desiredNumberScheduled"] = 0,
        ["numberReady"] = 0,
    };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        base.Validate(tree, errors);
        CheckUpdate(tree.Need("spec").Child("updateStrategy"), "spec.updateStrategy", ["OnDelete", "RollingUpdate"], errors);
    }
}

/// <summary>What the replicating kinds have in common.</summary>
internal abstract class WorkloadStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec");
        if (spec?["replicas"].AsLong() is < 0 and var replicas)
        {
            errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }
        var selector = spec?.Child("selector");
        var labels = spec?.Child("template")?.Child("metadata")?.Child("labels");
        if (selector is null)
        {
            errors.Required("spec.selector");
        }
        else if (selector.Child("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 })
        {
            errors.Invalid("spec.selector", selector.DeepClone(), $"empty selector is invalid for {tree.Text("kind")?.ToLowerInvariant()}");
        }
        else if (!Selects(selector, labels))
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

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (!JsonNode.DeepEquals(tree.At("spec", "selector"), old.At("spec", "selector")))
        {
            errors.Invalid("spec.selector", tree.At("spec", "selector")?.DeepClone(), "field is immutable");
        }
    }

    /// <summary>How pods are replaced: a known way, and a rolling one that can move at all.</summary>
    protected static void CheckUpdate(JsonObject? update, string at, string[] types, FieldErrors errors)
    {
        var type = update?.Text("type") ?? "";
        if (Array.IndexOf(types, type) < 0)
        {
            errors.NotSupported($"{at}.type", type, types);
            return;
        }
        if (update!.Child("rollingUpdate") is not { } rolling)
        {
            return;
        }
        if (type != "RollingUpdate")
        {
            errors.Forbidden($"{at}.rollingUpdate", $"may not be specified when strategy `type` is '{type}'");
            return;
        }
        Share.Check(rolling["maxUnavailable"], $"{at}.rollingUpdate.maxUnavailable", errors);
        Share.Check(rolling["maxSurge"], $"{at}.rollingUpdate.maxSurge", errors);
        if (rolling["maxUnavailable"] is { } unavailable && Share.IsZero(unavailable) && (rolling["maxSurge"] is null || Share.IsZero(rolling["maxSurge"])))
        {
            errors.Invalid($"{at}.rollingUpdate.maxUnavailable", unavailable.DeepClone(), "cannot be 0 when maxSurge is 0");
        }
    }

    private static bool Selects(JsonObject selector, JsonObject? labels)
    {
        var values = (labels ?? []).ToDictionary(l => l.Key, l => l.Value.AsText() ?? "", StringComparer.Ordinal);
        return ActorKube.Models.LabelSelector.From(ActorKube.Models.KubeJson.Deserialize<k8s.Models.V1LabelSelector>(Json.Bytes(selector))).Matches(values);
    }
}
