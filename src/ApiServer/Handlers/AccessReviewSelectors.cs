using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The selectors of an access review's resource attributes: checked, and passed over, for roles say nothing of selectors.</summary>
internal static class AccessReviewSelectors
{
    private const string Path = "spec.resourceAttributes";

    public static void Validate(JsonObject resource, FieldErrors errors)
    {
        Whole(resource.Child("fieldSelector"), $"{Path}.fieldSelector", isLabels: false, errors);
        Whole(resource.Child("labelSelector"), $"{Path}.labelSelector", isLabels: true, errors);
    }

    /// <summary>What of the selectors could not be understood, which changes nothing about the answer; empty where all could.</summary>
    public static string Ignored(JsonObject resource) => string.Join("; ",
        new[] { Ignored(resource.Child("fieldSelector"), $"{Path}.fieldSelector", isLabels: false), Ignored(resource.Child("labelSelector"), $"{Path}.labelSelector", isLabels: true) }.Where(said => said is not null));

    private static string? Ignored(JsonObject? selector, string path, bool isLabels)
    {
        if (selector is null)
        {
            return null;
        }
        if (selector.Text("rawSelector") is { Length: > 0 } raw)
        {
            return (isLabels ? LabelSelector.TryParse(raw, out _) : FieldSelector.TryParse(raw, out _)) ? null : $"{path} ignored due to parse error";
        }
        var requirements = selector.List("requirements").Objects().ToList();
        var understood = requirements.Count(r => Understood(r, isLabels));
        return understood == requirements.Count ? null : $"{path} {(understood > 0 ? "partially " : "")}ignored due to parse error";
    }

    /// <summary>Operators of later versions are let pass, and mean nothing; nor do fields that exist, or have one of several values, to a server of today.</summary>
    private static bool Understood(JsonObject requirement, bool isLabels) => requirement.Text("operator") switch
    {
        "In" or "NotIn" => isLabels || requirement.List("values") is { Count: 1 },
        "Exists" or "DoesNotExist" => isLabels,
        _ => false,
    };

    private static void Whole(JsonObject? selector, string path, bool isLabels, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }
        var raw = selector.Text("rawSelector") ?? "";
        var requirements = selector.List("requirements").Objects().ToList();
        if (raw.Length > 0 && requirements.Count > 0)
        {
            errors.Invalid($"{path}.rawSelector", raw, "may not specified at the same time as requirements");
        }
        if (raw.Length == 0 && requirements.Count == 0)
        {
            errors.Required($"{path}.requirements", $"when {path} is specified, requirements or rawSelector is required");
        }
        for (var i = 0; i < requirements.Count; i++)
        {
            Requirement(requirements[i], $"{path}.requirements[{i}]", isLabels, errors);
        }
    }

    private static void Requirement(JsonObject requirement, string path, bool isLabels, FieldErrors errors)
    {
        var key = requirement.Text("key") ?? "";
        var values = requirement.List("values").Texts().ToList();
        if (!isLabels && key.Length == 0)
        {
            errors.Required($"{path}.key", "must be specified");
        }
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
        }
        if (!isLabels)
        {
            return;
        }
        PodValidation.Qualified(key, $"{path}.key", errors);
        for (var i = 0; i < values.Count; i++)
        {
            foreach (var problem in NameRules.CheckLabelValue(values[i]))
            {
                errors.Invalid($"{path}.values[{i}]", values[i], problem);
            }
        }
    }
}
