using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class JobStrategy : ResourceStrategy
{
    private static readonly string[] UidLabels = ["batch.kubernetes.io/controller-uid", "controller-uid"];
    private static readonly string[] NameLabels = ["batch.kubernetes.io/job-name", "job-name"];

    /// <summary>What may change in the template of a job that has not begun.</summary>
    private static readonly string[] Directives = ["nodeSelector", "tolerations", "schedulingGates"];

    /// <summary>A changed job is checked as a new one, and again as a change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    /// <summary>For old clients' sake the pods of a job stay.</summary>
    public override string? DefaultPropagation => "Orphan";

    public override string? UnsaidPropagationWarning =>
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }
        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        foreach (var pattern in (spec.At("podFailurePolicy", "rules") as JsonArray).Objects().SelectMany(r => r.List("onPodConditions").Objects()))
        {
            pattern.Default("status", "True");
        }
        PodTemplateDefaults.Template(spec.Need("template"));
        TakeLabels(tree);
    }

    /// <summary>A job that says nothing of itself is labelled as its pods are. What was stored is read so too, and then the server's own labels are among them.</summary>
    public override void Canonicalize(JsonObject tree) => TakeLabels(tree);

    private static void TakeLabels(JsonObject tree)
    {
        if (tree.Need("spec").Need("template").Metadata().Child("labels") is { Count: > 0 } labels && tree.Metadata().Child("labels") is not { Count: > 0 })
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
        // Labels that the job took from its template grow with it.
        var taken = labels.Count > 0 && JsonNode.DeepEquals(meta["labels"], labels);
        foreach (var label in UidLabels)
        {
            labels[label] = meta.Text("uid");
        }
        foreach (var label in NameLabels)
        {
            labels[label] = meta.Text("name");
        }
        spec.Need("selector").Need("matchLabels")[UidLabels[0]] = meta.Text("uid");
        if (taken)
        {
            meta["labels"] = labels.DeepClone();
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors) => Validate(tree, again: false, errors);

    private static void Validate(JsonObject tree, bool again, FieldErrors errors)
    {
        var spec = tree.Child("spec") ?? [];
        JobValidation.Spec(spec, "spec", errors);
        if (spec.Child("selector") is not { } selector)
        {
            errors.Required("spec.selector");
        }
        else
        {
            SelectorValidation.Check(selector, "spec.selector", errors);
        }
        if (!again && spec["manualSelector"].AsBool() != true && spec.Child("selector") is { } own
            && (own.List("matchExpressions") is { Count: > 0 } || own.Child("matchLabels") is not { Count: 1 } matched || !matched.ContainsKey(UidLabels[0])))
        {
            errors.InvalidShown("spec.selector", GoValues.Selector(own), "`selector` not auto-generated");
        }
        // No selector at all selects nothing.
        if (spec.At("template", "metadata", "labels") is var labels && !(spec.At("selector") is JsonObject && (spec.At("selector", "matchLabels") as JsonObject ?? []).All(l => labels.TextAt(l.Key) == l.Value.AsText())))
        {
            errors.InvalidShown("spec.template.metadata.labels", GoValues.Map(labels), "`selector` does not match template `labels`");
        }
        if (spec.Text("completionMode") == "Indexed" && spec["completions"].AsLong() is > 0 and var count && tree.Metadata().Text("name") is { } name
            && NameValidation.Problems(NameRule.Label, $"{name}-{count - 1}").Count > 0)
        {
            errors.Invalid("metadata.name", name, $"will not able to create pod with invalid DNS label: {name}-{count - 1}");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, again: true, errors);
        var (spec, before) = (tree.Need("spec"), old.Need("spec"));
        if (!JsonNode.DeepEquals(spec["completions"], before["completions"])
            && !(spec.Text("completionMode") == "Indexed" && spec["completions"].AsLong() == spec["parallelism"].AsLong()))
        {
            errors.Invalid("spec.completions", spec["completions"]?.DeepClone(), "field is immutable");
        }
        foreach (var field in (string[])["selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            if (!JsonNode.DeepEquals(field == "template" ? Template(spec, old) : spec[field], field == "template" ? Template(before, old) : before[field]))
            {
                if (field == "selector" && spec.Child("selector") is { } selector)
                {
                    errors.InvalidShown("spec.selector", GoValues.Selector(selector), "field is immutable");
                    continue;
                }
                errors.Invalid($"spec.{field}", spec[field]?.DeepClone(), "field is immutable");
            }
        }
    }

    /// <summary>The template as far as it may not change: a suspended job that never ran can still be told where its pods go.</summary>
    private static JsonObject Template(JsonObject spec, JsonObject old)
    {
        var template = spec.Need("template").Copy();
        if (old.At("spec", "suspend").AsBool() != true || old.At("status", "startTime") is not null)
        {
            return template;
        }
        template.Metadata().Remove("labels");
        template.Metadata().Remove("annotations");
        foreach (var field in Directives)
        {
            template.Need("spec").Remove(field);
        }
        (template.At("spec", "affinity") as JsonObject)?.Remove("nodeAffinity");
        template.Need("spec").DropEmpty("affinity");
        return template;
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => JobStatusValidation.Check(tree, old, errors);

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => PodWarnings.OfTemplate(tree, old, "spec", "template");
}

internal sealed class CronJobStrategy : ResourceStrategy
{
    private const int LongestName = 52;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        var job = spec.Need("jobTemplate");
        job.Metadata().TryAdd("creationTimestamp", null);
        PodTemplateDefaults.Template(job.Need("spec").Need("template"));
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        CheckSpec(spec, errors);
        if (tree.Metadata().Text("name") is { Length: > LongestName } name)
        {
            // The name of its jobs is longer by eleven.
            errors.Invalid("metadata.name", name, $"must be no more than {LongestName} characters");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CheckSpec(tree.Need("spec"), errors);

    private static void CheckSpec(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("schedule") is not { Length: > 0 } schedule)
        {
            errors.Required("spec.schedule");
        }
        else
        {
            CronSchedules.Check(schedule, errors);
        }
        PodValidation.NotNegative(spec, "startingDeadlineSeconds", "spec", errors);
        if (spec.Text("concurrencyPolicy") is not ("Allow" or "Forbid" or "Replace") and var policy)
        {
            errors.NotSupported("spec.concurrencyPolicy", policy, ["Allow", "Forbid", "Replace"]);
        }
        CronSchedules.CheckZone(spec["timeZone"], errors);
        var job = spec.Child("jobTemplate")?.Child("spec") ?? [];
        JobValidation.Spec(job, "spec.jobTemplate.spec", errors);
        if (job["selector"] is { } selector)
        {
            errors.Invalid("spec.jobTemplate.spec.selector", selector.DeepClone(), "`selector` will be auto-generated");
        }
        if (job["manualSelector"].AsBool() == true)
        {
            errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]);
        }
        PodValidation.NotNegative(spec, "successfulJobsHistoryLimit", "spec", errors);
        PodValidation.NotNegative(spec, "failedJobsHistoryLimit", "spec", errors);
    }

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => PodWarnings.OfTemplate(tree, old, "spec", "jobTemplate", "spec", "template");
}
