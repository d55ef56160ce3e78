using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a job's spec must be, in a job as in the template of a cron job.</summary>
internal static class JobValidation
{
    private const int MostParallelIndexed = 100_000;
    private const int MostFailureRules = 20;
    private const int MostExitCodes = 255;
    private const string OnlyIndexed = "requires indexed completion mode";

    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];

    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var field in (string[])["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"])
        {
            PodValidation.NotNegative(spec, field, path, errors);
        }
        var (perIndex, mostFailed) = (spec["backoffLimitPerIndex"].AsLong(), spec["maxFailedIndexes"].AsLong());
        if (mostFailed is not null && perIndex is null)
        {
            errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }
        PodValidation.Choice(spec, "completionMode", path, ["NonIndexed", "Indexed"], errors);
        if (spec.Text("completionMode") == "Indexed")
        {
            Indexed(spec, path, errors);
        }
        else
        {
            foreach (var (field, value) in ((string, long?)[])[("backoffLimitPerIndex", perIndex), ("maxFailedIndexes", mostFailed)])
            {
                if (value is { } number)
                {
                    errors.Invalid($"{path}.{field}", number, OnlyIndexed);
                }
            }
        }
        FailurePolicy(spec, $"{path}.podFailurePolicy", errors);
        SuccessPolicy(spec, $"{path}.successPolicy", errors);
        var replacing = spec["podFailurePolicy"] is null ? (string[])["Failed", "TerminatingOrFailed"] : ["Failed"];
        PodValidation.Choice(spec, "podReplacementPolicy", path, replacing, errors);
        if (spec.Text("managedBy") is { } manager)
        {
            DomainPrefixed.Check(manager, $"{path}.managedBy", errors);
            if (manager.Length > 63)
            {
                errors.TooLong($"{path}.managedBy", 63);
            }
        }
        PodValidation.Template(spec.Child("template") ?? [], $"{path}.template", errors);
        switch (spec.TextAt("template", "spec", "restartPolicy"))
        {
            case null or "" or "Always":
                errors.Required($"{path}.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
                break;
            case "OnFailure" when spec["podFailurePolicy"] is not null:
                errors.Invalid($"{path}.template.spec.restartPolicy", "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
                break;
            case "OnFailure" or "Never":
                break;
            case var policy:
                errors.NotSupported($"{path}.template.spec.restartPolicy", policy, ["OnFailure", "Never"]);
                break;
        }
    }

    private static void Indexed(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec["completions"] is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }
        if (spec["parallelism"].AsLong() is > MostParallelIndexed and var parallel)
        {
            errors.Invalid($"{path}.parallelism", parallel, $"must be less than or equal to {MostParallelIndexed} when completion mode is Indexed");
        }
        if (spec["maxFailedIndexes"].AsLong() is { } failed)
        {
            if (failed > spec["completions"].AsLong())
            {
                errors.Invalid($"{path}.maxFailedIndexes", failed, "must be less than or equal to completions");
            }
            if (failed > MostParallelIndexed)
            {
                errors.Invalid($"{path}.maxFailedIndexes", failed, $"must be less than or equal to {MostParallelIndexed}");
            }
        }
    }

    private static void FailurePolicy(JsonObject spec, string path, FieldErrors errors)
    {
        var rules = spec.Child("podFailurePolicy")?.List("rules");
        if (rules?.Count > MostFailureRules)
        {
            errors.TooMany($"{path}.rules", rules.Count, MostFailureRules);
        }
        var containers = spec.Child("template")?.Child("spec") is { } pod
            ? pod.List("containers").Objects().Concat(pod.List("initContainers").Objects()).Select(c => c.Text("name")).ToHashSet(StringComparer.Ordinal)
            : [];
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var at = $"{path}.rules[{index++}]";
            switch (rule.Text("action"))
            {
                case null or "":
                    errors.Required($"{at}.action", $"valid values: [{string.Join(' ', Actions.Select(FieldErrors.Quote))}]");
                    break;
                case "FailIndex" when spec["backoffLimitPerIndex"] is null:
                    errors.Invalid($"{at}.action", "FailIndex", "requires the backoffLimitPerIndex to be set");
                    break;
                case var action when Array.IndexOf(Actions, action) < 0:
                    errors.NotSupported($"{at}.action", action, Actions);
                    break;
            }
            var (codes, conditions) = (rule.Child("onExitCodes"), rule.List("onPodConditions"));
            if (codes is not null)
            {
                ExitCodes(codes, containers, $"{at}.onExitCodes", errors);
            }
            var number = 0;
            foreach (var condition in conditions.Objects())
            {
                var where = $"{at}.onPodConditions[{number++}]";
                PodValidation.Qualified(condition.Text("type") ?? "", $"{where}.type", errors);
                PodValidation.Choice(condition, "status", where, ["False", "True", "Unknown"], errors);
            }
            if (codes is not null == conditions is { Count: > 0 })
            {
                errors.Add("FieldValueInvalid", at, codes is null
                    ? "Invalid value: specifying one of OnExitCodes and OnPodConditions is required"
                    : "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
            }
        }
    }

    private static void ExitCodes(JsonObject codes, HashSet<string?> containers, string at, FieldErrors errors)
    {
        if (codes.Text("operator") is not { Length: > 0 } symbol)
        {
            errors.Required($"{at}.operator", "valid values: [\"In\" \"NotIn\"]");
        }
        else if (symbol is not ("In" or "NotIn"))
        {
            errors.NotSupported($"{at}.operator", symbol, ["In", "NotIn"]);
        }
        if (codes.Text("containerName") is { } container && !containers.Contains(container))
        {
            errors.Invalid($"{at}.containerName", container, "must be one of the container or initContainer names in the pod template");
        }
        var values = (codes.List("values") ?? []).Select(v => v.AsLong() ?? 0).ToList();
        if (values.Count == 0)
        {
            errors.Invalid($"{at}.values", codes["values"]?.DeepClone(), "at least one value is required");
        }
        else if (values.Count > MostExitCodes)
        {
            errors.TooMany($"{at}.values", values.Count, MostExitCodes);
        }
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == 0 && codes.Text("operator") == "In")
            {
                errors.Invalid($"{at}.values[{i}]", 0, "must not be 0 for the In operator");
            }
            if (values.IndexOf(values[i]) < i)
            {
                errors.Duplicate($"{at}.values[{i}]", values[i]);
            }
        }
        if (!values.Order().SequenceEqual(values))
        {
            errors.Invalid($"{at}.values", codes["values"]?.DeepClone(), "must be ordered");
        }
    }

    private static void SuccessPolicy(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Child("successPolicy") is not { } policy)
        {
            return;
        }
        if (spec.Text("completionMode") != "Indexed")
        {
            errors.InvalidShown(path, GoValues.SuccessPolicy(policy), OnlyIndexed);
            return;
        }
        if (policy.List("rules") is not { Count: > 0 } rules)
        {
            errors.Required($"{path}.rules", "at least one rules must be specified when the successPolicy is specified");
            return;
        }
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var at = $"{path}.rules[{index++}]";
            if (rule["succeededCount"] is null && rule["succeededIndexes"] is null)
            {
                errors.Required(at, "at least one of succeededCount or succeededIndexes must be specified");
            }
            PodValidation.NotNegative(rule, "succeededCount", at, errors);
            if (rule["succeededCount"].AsLong() > spec["completions"].AsLong())
            {
                errors.Invalid($"{at}.succeededCount", rule["succeededCount"]!.DeepClone(), $"must be less than or equal to {spec["completions"]} (the number of specified completions)");
            }
        }
    }
}

/// <summary>Schedules of cron jobs, as Kubernetes' parser words what is wrong with them.</summary>
internal static class CronSchedules
{
    private static readonly (string Name, int Low, int High)[] Parts = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6)];
    private static readonly string[] Named = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static void Check(string schedule, FieldErrors errors)
    {
        const string at = "spec.schedule";
        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid(at, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        if (schedule.StartsWith('@'))
        {
            if (Array.IndexOf(Named, schedule) < 0 && !schedule.StartsWith("@every ", StringComparison.Ordinal))
            {
                errors.Invalid(at, schedule, $"unrecognized descriptor: {schedule}");
            }
            return;
        }
        var fields = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Parts.Length)
        {
            errors.Invalid(at, schedule, $"expected exactly {Parts.Length} fields, found {fields.Length}: [{string.Join(' ', fields)}]");
            return;
        }
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Split(',').Select(part => Problem(part, i)).FirstOrDefault(p => p is not null) is { } problem)
            {
                errors.Invalid(at, schedule, problem);
                return;
            }
        }
    }

    private static string? Problem(string part, int field)
    {
        var (_, low, high) = Parts[field];
        var steps = part.Split('/');
        var range = steps[0].Split('-');
        if (steps.Length > 2)
        {
            return $"too many slashes: {part}";
        }
        if (range.Length > 2)
        {
            return $"too many hyphens: {part}";
        }
        if (steps.Length == 2 && !(int.TryParse(steps[1], out var step) && step > 0))
        {
            return steps[1] == "0" ? $"step of range should be a positive number: {part}" : $"failed to parse int from {steps[1]}: strconv.Atoi: parsing {FieldErrors.Quote(steps[1])}: invalid syntax";
        }
        if (range is ["*" or "?"])
        {
            return null;
        }
        var bounds = new List<int>();
        foreach (var bound in range)
        {
            var names = field switch { 3 => Months, 4 => Days, _ => [] };
            if (Array.IndexOf(names, bound.ToLowerInvariant()) is >= 0 and var named)
            {
                bounds.Add(named + low);
            }
            else if (int.TryParse(bound, out var number))
            {
                bounds.Add(number);
            }
            else
            {
                return $"failed to parse int from {bound}: strconv.Atoi: parsing {FieldErrors.Quote(bound)}: invalid syntax";
            }
        }
        return bounds[0] < low ? $"beginning of range ({bounds[0]}) below minimum ({low}): {part}"
            : bounds[^1] > high ? $"end of range ({bounds[^1]}) above maximum ({high}): {part}"
            : bounds[0] > bounds[^1] ? $"beginning of range ({bounds[0]}) beyond end of range ({bounds[^1]}): {part}" : null;
    }

    /// <summary>The zone that a schedule is meant in.</summary>
    public static void CheckZone(JsonNode? zone, FieldErrors errors)
    {
        const string at = "spec.timeZone";
        if (zone.AsText() is not { } name)
        {
            return;
        }
        if (name.Length == 0)
        {
            errors.Invalid(at, name, "timeZone must be nil or non-empty string");
        }
        else if (name.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(at, name, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }
        else if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out _))
        {
            errors.Invalid(at, name, $"unknown time zone {name}");
        }
    }
}
