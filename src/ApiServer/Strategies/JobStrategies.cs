using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

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
        if (spec.Need("template").Metadata().Child("labels") is { Count: > 0 } labels && tree.Metadata().Child("labels") is not { Count: > 0 })
        {
            tree.Metadata()["labels"] = labels.DeepClone();
        }
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
        var spec = tree.Need("spec");
        if (spec.Text("concurrencyPolicy") is not ("Allow" or "Forbid" or "Replace") and var policy)
        {
            errors.NotSupported("spec.concurrencyPolicy", policy, ["Allow", "Forbid", "Replace"]);
        }
        foreach (var field in (string[])["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
        {
            if (spec[field].AsLong() is < 0 and var value)
            {
                errors.Invalid($"spec.{field}", value, "must be greater than or equal to 0");
            }
        }
        if (tree.Metadata().Text("name") is { Length: > 52 } name)
        {
            // The name of its jobs is longer by eleven.
            errors.Invalid("metadata.name", name, "must be no more than 52 characters");
        }
        if (tree.At("spec", "jobTemplate", "spec", "template", "spec") is not JsonObject pod)
        {
            return;
        }
        const string at = "spec.jobTemplate.spec.template.spec";
        PodValidation.Spec(pod, at, errors);
        if (string.IsNullOrEmpty(pod.Text("restartPolicy")))
        {
            errors.Required($"{at}.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        }
        else if (pod.Text("restartPolicy") == "Always")
        {
            errors.NotSupported($"{at}.restartPolicy", "Always", ["OnFailure", "Never"]);
        }
    }
}
