using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// What a job's status may become: an end is announced before it is said, has its times, and is not taken back. A rule looks only at what the write changes, so that a
/// status that was wrong before does not hold up others.
/// </summary>
internal static class JobStatusValidation
{
    public static void Check(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var (status, before) = (tree.Child("status") ?? [], old.Child("status") ?? []);
        foreach (var field in (string[])["active", "succeeded", "failed", "ready", "terminating"])
        {
            PodValidation.NotNegative(status, field, "status", errors);
        }
        bool Changed(params string[] fields) => fields.Any(f => !JsonNode.DeepEquals(status[f], before[f]));
        bool Turned(params string[] types) => types.Any(t => Is(status, t) != Is(before, t));
        void Wrong(bool concerned, bool wrong, string what)
        {
            if (concerned && wrong)
            {
                errors.InvalidUnshown("status.conditions", what);
            }
        }
        var (complete, failed, failing, succeeding) = (Is(status, "Complete"), Is(status, "Failed"), Is(status, "FailureTarget"), Is(status, "SuccessCriteriaMet"));
        var ended = complete || failed;
        var endTurned = ended != (Is(before, "Complete") || Is(before, "Failed"));
        Wrong(Turned("Complete", "Failed"), complete && failed, "cannot set Complete=True and Failed=true conditions");
        Wrong(Turned("Complete", "FailureTarget"), complete && failing, "cannot set Complete=True and FailureTarget=true conditions");
        if (Turned("Complete") || Changed("completionTime"))
        {
            if (status["completionTime"] is { } early && !complete)
            {
                errors.Invalid("status.completionTime", early.DeepClone(), "cannot set completionTime when there is no Complete=True condition");
            }
            if (status["completionTime"] is null && complete)
            {
                errors.Required("status.completionTime", "completionTime is required for Complete jobs");
            }
        }
        if (Changed("startTime", "completionTime") && Time(status["startTime"]) is { } start && Time(status["completionTime"]) is { } end && end < start)
        {
            errors.Invalid("status.completionTime", status["completionTime"]!.DeepClone(), "completionTime cannot be set before startTime");
        }
        Wrong(Turned("Failed", "FailureTarget"), failed && !failing, "cannot set Failed=True condition without the FailureTarget=true condition");
        Wrong(Turned("Complete", "SuccessCriteriaMet"), complete && !succeeding, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        if (ended)
        {
            CheckEnded(status, endTurned, Changed, errors);
        }
        CheckIndexes(tree.Need("spec"), status, Changed, errors);
        if (Changed("ready", "active") && status["ready"].AsLong() is { } ready && ready > (status["active"].AsLong() ?? 0))
        {
            errors.Invalid("status.ready", ready, "cannot set more ready pods than active");
        }
        Wrong(true, succeeding && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        Wrong(true, succeeding && failing, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        Wrong(true, tree.At("spec", "successPolicy") is not null && complete && !succeeding, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        CheckSteps(tree.Need("spec"), status, before, errors);
        Wrong(true, Is(before, "SuccessCriteriaMet") && !succeeding, "cannot disable the SuccessCriteriaMet=True condition");
        Wrong(true, Is(before, "Complete") && !Is(before, "SuccessCriteriaMet") && succeeding, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
    }

    private static void CheckEnded(JsonObject status, bool turned, Func<string[], bool> changed, FieldErrors errors)
    {
        if ((turned || changed(["active"])) && status["active"].AsLong() is > 0 and var active)
        {
            errors.Invalid("status.active", active, "active>0 is invalid for finished job");
        }
        if ((turned || changed(["startTime"])) && status["startTime"] is null)
        {
            errors.Required("status.startTime", "startTime is required for finished job");
        }
        if ((turned || changed(["uncountedTerminatedPods"])) && status.Child("uncountedTerminatedPods") is { } uncounted && uncounted.Any(l => l.Value is JsonArray { Count: > 0 }))
        {
            errors.Invalid("status.uncountedTerminatedPods", uncounted.DeepClone(), "uncountedTerminatedPods needs to be empty for finished job");
        }
        if ((turned || changed(["terminating"])) && status["terminating"].AsLong() is > 0 and var terminating)
        {
            errors.Invalid("status.terminating", terminating, "terminating>0 is invalid for finished job");
        }
    }

    private static void CheckIndexes(JsonObject spec, JsonObject status, Func<string[], bool> changed, FieldErrors errors)
    {
        if (changed(["completedIndexes"]) && status.Text("completedIndexes") is { Length: > 0 } completed && spec.Text("completionMode") != "Indexed")
        {
            errors.Invalid("status.completedIndexes", completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
        }
        if (changed(["failedIndexes"]) && status.Text("failedIndexes") is { } failed && spec["backoffLimitPerIndex"] is null)
        {
            errors.Invalid("status.failedIndexes", failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }
    }

    private static void CheckSteps(JsonObject spec, JsonObject status, JsonObject before, FieldErrors errors)
    {
        foreach (var end in (string[])["Failed", "Complete", "FailureTarget"])
        {
            if (Is(before, end) && !Is(status, end))
            {
                errors.InvalidUnshown("status.conditions", $"cannot disable the terminal {end}=True condition");
            }
        }
        var elastic = spec.Text("completionMode") == "Indexed" && spec["completions"].AsLong() == spec["parallelism"].AsLong();
        foreach (var counter in (string[])["failed", "succeeded"])
        {
            if ((counter == "failed" || !elastic) && (status[counter].AsLong() ?? 0) < (before[counter].AsLong() ?? 0))
            {
                errors.Invalid($"status.{counter}", status[counter].AsLong() ?? 0, $"cannot decrease the {counter} counter");
            }
        }
        if (status["completionTime"] is { } completion && before["completionTime"] is { } was && !JsonNode.DeepEquals(completion, was))
        {
            errors.Invalid("status.completionTime", completion.DeepClone(), "completionTime cannot be mutated");
        }
        if (before["startTime"] is { } started && !JsonNode.DeepEquals(started, status["startTime"]) && spec["suspend"].AsBool() != true)
        {
            errors.Required("status.startTime", "startTime cannot be removed for unsuspended job");
        }
    }

    private static bool Is(JsonObject status, string type) => status.List("conditions").Objects().Any(c => c.Text("type") == type && c.Text("status") == "True");

    private static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(node.AsText(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
