using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Names, labels and annotations of an object, held against Kubernetes' rules.</summary>
internal static class NameValidation
{
    /// <summary>What is wrong with a name under a rule; empty when nothing is.</summary>
    public static IReadOnlyList<string> Problems(NameRule rule, string name) => rule switch
    {
        NameRule.Label => NameRules.CheckDns1123Label(name),
        NameRule.Label1035 => NameRules.CheckDns1035Label(name),
        NameRule.PathSegment => PathSegmentProblems(name),
        _ => NameRules.CheckDns1123Subdomain(name),
    };

    private static IReadOnlyList<string> PathSegmentProblems(string name)
    {
        if (name is "." or "..")
        {
            return [$"may not be '{name}'"];
        }
        return [.. ((string[])["/", "%"]).Where(part => name.Contains(part, StringComparison.Ordinal)).Select(part => $"may not contain '{part}'")];
    }

    public static void Labels(JsonObject? labels, string field, FieldErrors errors)
    {
        foreach (var (key, node) in labels ?? [])
        {
            foreach (var problem in NameRules.CheckQualifiedName(key))
            {
                errors.Invalid(field, key, problem);
            }
            var value = node.AsText() ?? "";
            foreach (var problem in NameRules.CheckLabelValue(value))
            {
                errors.Invalid(field, value, problem);
            }
        }
    }

    public static void Annotations(JsonObject? annotations, string field, FieldErrors errors)
    {
        const int limit = 256 * 1024;
        var size = 0L;
        foreach (var (key, node) in annotations ?? [])
        {
            foreach (var problem in NameRules.CheckQualifiedName(key.ToLowerInvariant()))
            {
                errors.Invalid(field, key, problem);
            }
            size += key.Length + (node.AsText()?.Length ?? 0);
        }
        if (size > limit)
        {
            errors.TooLong(field, limit);
        }
    }
}
