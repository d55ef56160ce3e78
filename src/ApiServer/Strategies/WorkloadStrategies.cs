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
            errors.Invalid("spec.selector", selector.DeepClone(), "empty selector is invalid for deployment");
        }
        else if (selector.Child("matchLabels") is { } wanted && wanted.Any(w => labels?[w.Key].AsText() != w.Value.AsText()))
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
}

internal sealed class JobStrategy : ResourceStrategy
{
    private static readonly string[] UidLabels = ["batch.kubernetes.io/controller-uid", "controller-uid"];
    private static readonly string[] NameLabels = ["batch.kubernetes.io/job-name", "job-name"];

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }
        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        if (spec["manualSelector"].AsBool() == false)
        {
            spec.Remove("manualSelector");
        }
        PodTemplateDefaults.Template(spec.Need("template"), restartPolicy: false);
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject();
        var spec = tree.Need("spec");
        if (spec["manualSelector"].AsBool() == true)
        {
            return;
        }
        var labels = spec.Need("template").Metadata().Need("labels");
        var meta = tree.Metadata();
        foreach (var label in UidLabels)
        {
            labels[label] = meta.Text("uid");
        }
        foreach (var label in NameLabels)
        {
            labels[label] = meta.Text("name");
        }
        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [UidLabels[0]] = meta.Text("uid") } };
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec");
        foreach (var field in (string[])["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
        {
            if (spec?[field].AsLong() is < 0 and var value)
            {
                errors.Invalid($"spec.{field}", value, "must be greater than or equal to 0");
            }
        }
        if (spec?.Child("template")?.Child("spec") is not { } pod)
        {
            return;
        }
        PodValidation.Spec(pod, "spec.template.spec", errors);
        switch (pod.Text("restartPolicy"))
        {
            case null or "":
                errors.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
                break;
            case "OnFailure" or "Never":
                break;
            case var policy:
                errors.NotSupported("spec.template.spec.restartPolicy", policy, ["OnFailure", "Never"]);
                break;
        }
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        // What the server generated is not the user's to repeat.
        var spec = tree.Need("spec");
        if (spec["selector"] is null && old.At("spec", "selector") is { } selector)
        {
            spec["selector"] = selector.DeepClone();
            var labels = spec.Need("template").Metadata().Need("labels");
            foreach (var label in (string[])[.. UidLabels, .. NameLabels])
            {
                if (!labels.ContainsKey(label) && old.At("spec", "template", "metadata", "labels", label) is { } value)
                {
                    labels[label] = value.DeepClone();
                }
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        foreach (var field in (string[])["completions", "selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"])
        {
            if (!JsonNode.DeepEquals(tree.At("spec", field), old.At("spec", field)))
            {
                errors.Invalid($"spec.{field}", tree.At("spec", field)?.DeepClone(), "field is immutable");
            }
        }
    }
}

internal sealed class CronJobStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        var job = spec.Need("jobTemplate");
        var meta = job.Metadata();
        if (!meta.ContainsKey("creationTimestamp"))
        {
            meta["creationTimestamp"] = null;
        }
        PodTemplateDefaults.Template(job.Need("spec").Need("template"), restartPolicy: false);
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(tree.TextAt("spec", "schedule")))
        {
            errors.Required("spec.schedule");
        }
        else if (tree.TextAt("spec", "schedule")!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5 && !tree.TextAt("spec", "schedule")!.StartsWith('@'))
        {
            errors.Invalid("spec.schedule", tree.TextAt("spec", "schedule"),
                $"expected exactly 5 fields, found {tree.TextAt("spec", "schedule")!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length}: [{tree.TextAt("spec", "schedule")}]");
        }
    }
}
