using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Values in messages as a controller manager in Go prints them.</summary>
internal static class GoText
{
    public static string Of(V1LabelSelector? selector) => selector is null ? "nil"
        : $"&LabelSelector{{MatchLabels:map[string]string{{{string.Concat((selector.MatchLabels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}: {l.Value},"))}}},"
            + $"MatchExpressions:[]LabelSelectorRequirement{{{string.Concat((selector.MatchExpressions ?? []).Select(e => $"LabelSelectorRequirement{{Key:{e.Key},Operator:{e.OperatorProperty},Values:[{string.Join(' ', e.Values ?? [])}],}},"))}}},}}";
}
