using System.Globalization;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Whether a daemon set's pod may run on a node: by the node's name and labels, and by its taints.</summary>
internal static class NodeFit
{
    /// <summary>What a daemon's pod puts up with beyond what its template says.</summary>
    private static readonly (string Key, string Effect)[] Endured =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    /// <summary>Binds a daemon's pod to a node as the scheduler is told: by affinity to the node's name.</summary>
    public static void Pin(V1Pod pod, string node)
    {
        var affinity = (pod.Spec.Affinity ??= new V1Affinity()).NodeAffinity ??= new V1NodeAffinity();
        var required = affinity.RequiredDuringSchedulingIgnoredDuringExecution ??= new V1NodeSelector { NodeSelectorTerms = [] };
        var terms = required.NodeSelectorTerms is { Count: > 0 } some ? some : required.NodeSelectorTerms = [new V1NodeSelectorTerm()];
        foreach (var term in terms)
        {
            term.MatchFields = [new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = [node] }];
        }
        var tolerations = (pod.Spec.Tolerations ??= []);
        foreach (var (key, effect) in pod.Spec.HostNetwork == true ? Endured.Append(("node.kubernetes.io/network-unavailable", "NoSchedule")) : Endured)
        {
            if (!tolerations.Any(t => t.Key == key && t.Effect == effect && t.OperatorProperty == "Exists"))
            {
                tolerations.Add(new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = effect });
            }
        }
    }

    /// <summary>The node that a daemon's pod is for.</summary>
    public static string? NodeOf(V1Pod pod) => pod.Spec.NodeName is { Length: > 0 } bound ? bound
        : pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms?.SelectMany(t => t.MatchFields ?? [])
            .FirstOrDefault(f => f is { Key: "metadata.name", OperatorProperty: "In", Values.Count: 1 })?.Values[0];

    /// <summary>Whether the pod is to run on the node, and whether one that runs there may stay.</summary>
    public static (bool ShouldRun, bool MayStay) Of(V1PodSpec spec, V1Node node)
    {
        var labels = node.Metadata.Labels ?? new Dictionary<string, string>();
        if ((spec.NodeName is { Length: > 0 } bound && bound != node.Metadata.Name)
            || spec.NodeSelector?.Any(want => !labels.TryGetValue(want.Key, out var has) || has != want.Value) == true
            || spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is { } required && !required.NodeSelectorTerms.Any(t => Matches(t, node.Metadata.Name, labels)))
        {
            return (false, false);
        }
        var hurt = (node.Spec?.Taints ?? []).Where(t => t.Effect is "NoSchedule" or "NoExecute" && !Tolerates(spec, t)).ToList();
        return (hurt.Count == 0, hurt.TrueForAll(t => t.Effect != "NoExecute"));
    }

    private static bool Tolerates(V1PodSpec spec, V1Taint taint) =>
        Endured.Contains((taint.Key, taint.Effect)) || (spec.HostNetwork == true && taint.Key == "node.kubernetes.io/network-unavailable")
        || (spec.Tolerations ?? []).Any(t => (string.IsNullOrEmpty(t.Effect) || t.Effect == taint.Effect) && (string.IsNullOrEmpty(t.Key) ? t.OperatorProperty == "Exists" : t.Key == taint.Key)
            && (t.OperatorProperty == "Exists" || (t.Value ?? "") == (taint.Value ?? "")));

    private static bool Matches(V1NodeSelectorTerm term, string name, IDictionary<string, string> labels) =>
        (term.MatchExpressions is { Count: > 0 } || term.MatchFields is { Count: > 0 })
        && (term.MatchExpressions ?? []).All(e => Matches(e, labels.TryGetValue(e.Key, out var value) ? value : null))
        && (term.MatchFields ?? []).All(f => Matches(f, f.Key == "metadata.name" ? name : null));

    private static bool Matches(V1NodeSelectorRequirement want, string? value) => want.OperatorProperty switch
    {
        "In" => value is not null && want.Values.Contains(value),
        "NotIn" => value is null || !want.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Number(value) is { } number && Number(want.Values[0]) is { } than && number > than,
        "Lt" => Number(value) is { } number && Number(want.Values[0]) is { } than && number < than,
        _ => false,
    };

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
