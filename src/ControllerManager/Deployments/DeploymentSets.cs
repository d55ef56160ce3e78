using System.Globalization;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>A deployment's replica sets: the one of its present template, and those of former ones, the oldest first.</summary>
internal sealed record DeploymentSets(V1ReplicaSet? Current, IReadOnlyList<V1ReplicaSet> Old)
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    public const string TemplateHash = "pod-template-hash";

    /// <summary>The present template has no set yet, because old pods must go before.</summary>
    public bool Waits { get; init; }

    public IEnumerable<V1ReplicaSet> All => Current is null ? Old : [Current, .. Old];

    public static DeploymentSets Of(V1Deployment deployment, IEnumerable<V1ReplicaSet> owned)
    {
        var sets = owned.Where(s => s.Metadata.DeletionTimestamp is null).OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        // The oldest of several, so that all runs choose the same.
        var current = sets.FirstOrDefault(s => IsSame(s.Spec.Template, deployment.Spec.Template));
        return new DeploymentSets(current, [.. sets.Where(s => !ReferenceEquals(s, current))]);
    }

    /// <summary>Whether two templates make the same pods: the hash label tells sets apart and says nothing about pods.</summary>
    private static bool IsSame(V1PodTemplateSpec left, V1PodTemplateSpec right)
    {
        V1PodTemplateSpec Bare(V1PodTemplateSpec template)
        {
            var copy = template.DeepCopy();
            copy.Metadata?.Labels?.Remove(TemplateHash);
            if (copy.Metadata is { } meta)
            {
                meta.CreationTimestamp = null;
            }
            return copy;
        }
        return Bare(left).SemanticallyEquals(Bare(right));
    }

    public static long RevisionOf(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue(Revision, out var text) == true && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Whether the deployment's size has changed since its sets were last told theirs.</summary>
    public bool IsResized(V1Deployment deployment)
    {
        var wanted = (deployment.Spec.Replicas ?? 1).ToString(CultureInfo.InvariantCulture);
        return All.Any(s => s.Spec.Replicas > 0 && s.Metadata.Annotations?.TryGetValue(DesiredReplicas, out var told) == true && told != wanted);
    }
}
