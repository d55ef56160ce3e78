using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Makes, marks, scales and removes a deployment's replica sets.</summary>
internal sealed class DeploymentSetWriter(ReconcileContext<V1Deployment> context, V1Deployment deployment)
{
    private static readonly string[] NotCopied =
        ["kubectl.kubernetes.io/last-applied-configuration", DeploymentSets.Revision, DeploymentSets.RevisionHistory, DeploymentSets.DesiredReplicas, DeploymentSets.MaxReplicas, "deprecated.deployment.rollback.to"];

    private IResourceClient<V1ReplicaSet> Sets => context.Client.Resource<V1ReplicaSet>(context.Key.Namespace);

    /// <summary>The sets with that of the present template, made where it is missing, and with the highest revision.</summary>
    /// <param name="sets">The sets as they are.</param>
    /// <param name="rollout">The bounds.</param>
    /// <param name="oldRuns">Pods of former templates are still there, and must not be.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<DeploymentSets> CurrentAsync(DeploymentSets sets, Rollout rollout, bool oldRuns, CancellationToken cancellation)
    {
        var revision = sets.Old.Select(DeploymentSets.RevisionOf).DefaultIfEmpty().Max() + 1;
        var current = sets.Current;
        if (current is null)
        {
            if (rollout.Recreate && (oldRuns || sets.Old.Any(o => o.Spec.Replicas > 0)))
            {
                return sets with { Waits = true };
            }
            current = await CreateAsync(revision, rollout.NewSet(0, sets.Old.Sum(o => o.Spec.Replicas ?? 0)), rollout, cancellation).ConfigureAwait(false);
        }
        else
        {
            current = await MarkAsync(current, revision, cancellation).ConfigureAwait(false);
        }
        var told = DeploymentSets.RevisionOf(current).ToString(CultureInfo.InvariantCulture);
        if (deployment.Metadata.Annotations?.TryGetValue(DeploymentSets.Revision, out var said) != true || said != told)
        {
            (deployment.Metadata.Annotations ??= new Dictionary<string, string>())[DeploymentSets.Revision] = told;
            // By way of the status, where an annotation does not count as something new that is asked for.
            var updated = await context.Client.Resource<V1Deployment>(context.Key.Namespace).UpdateStatusAsync(deployment, cancellation: cancellation).ConfigureAwait(false);
            deployment.Metadata = updated.Metadata;
        }
        return sets with { Current = current };
    }

    private async Task<V1ReplicaSet> CreateAsync(long revision, int replicas, Rollout rollout, CancellationToken cancellation)
    {
        var salt = deployment.Status?.CollisionCount;
        while (true)
        {
            var hash = deployment.Spec.Template.Hash(salt);
            var template = deployment.Spec.Template.DeepCopy();
            ((template.Metadata ??= new V1ObjectMeta()).Labels ??= new Dictionary<string, string>())[DeploymentSets.TemplateHash] = hash;
            var selector = deployment.Spec.Selector.DeepCopy();
            (selector.MatchLabels ??= new Dictionary<string, string>())[DeploymentSets.TemplateHash] = hash;
            var set = new V1ReplicaSet
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"{deployment.Metadata.Name}-{hash}", NamespaceProperty = deployment.Metadata.NamespaceProperty,
                    Labels = new Dictionary<string, string>(template.Metadata.Labels), Annotations = Annotations(null, revision, rollout),
                    OwnerReferences = [deployment.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
                },
                Spec = new V1ReplicaSetSpec { Replicas = replicas, MinReadySeconds = deployment.Spec.MinReadySeconds, Selector = selector, Template = template },
            };
            try
            {
                var created = await Sets.CreateAsync(set, cancellation: cancellation).ConfigureAwait(false);
                if (replicas > 0)
                {
                    context.Events.Normal("ScalingReplicaSet", $"Scaled up replica set {created.Metadata.Name} from 0 to {replicas}");
                }
                return created;
            }
            catch (KubernetesException taken) when (taken.IsAlreadyExists)
            {
                var there = await Sets.GetAsync(set.Metadata.Name, cancellation: cancellation).ConfigureAwait(false);
                if (there.GetController()?.Uid == deployment.Metadata.Uid && DeploymentSets.Of(deployment, [there]).Current is not null)
                {
                    return there;
                }
                salt = (salt ?? 0) + 1;
                (deployment.Status ??= new V1DeploymentStatus()).CollisionCount = salt;
            }
            catch (KubernetesException refused) when (!refused.HasStatusCause("NamespaceTerminating"))
            {
                context.Events.Warning("ReplicaSetCreateError", $"Failed to create new replica set \"{set.Metadata.Name}\": {refused.Message}");
                throw;
            }
        }
    }

    private Dictionary<string, string> Annotations(V1ReplicaSet? set, long revision, Rollout rollout)
    {
        var result = set?.Metadata.Annotations is { } old ? new Dictionary<string, string>(old) : [];
        foreach (var (key, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (Array.IndexOf(NotCopied, key) < 0)
            {
                result[key] = value;
            }
        }
        if (set is not null && DeploymentSets.RevisionOf(set) is > 0 and var before && before < revision)
        {
            result[DeploymentSets.RevisionHistory] = result.TryGetValue(DeploymentSets.RevisionHistory, out var history) ? $"{history},{before}" : before.ToString(CultureInfo.InvariantCulture);
        }
        if (set is null || DeploymentSets.RevisionOf(set) < revision)
        {
            result[DeploymentSets.Revision] = revision.ToString(CultureInfo.InvariantCulture);
        }
        if (set is null)
        {
            SetSizes(result, rollout.Replicas, rollout.MaxSurge);
        }
        return result;
    }

    private static void SetSizes(IDictionary<string, string> annotations, int replicas, int surge)
    {
        annotations[DeploymentSets.DesiredReplicas] = replicas.ToString(CultureInfo.InvariantCulture);
        annotations[DeploymentSets.MaxReplicas] = (replicas + surge).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A template that comes back has its set already: the set gets the newest revision, and remembers those it had.</summary>
    private async Task<V1ReplicaSet> MarkAsync(V1ReplicaSet set, long revision, CancellationToken cancellation)
    {
        var annotations = Annotations(set, revision, new Rollout(0, 0, 0, false));
        var same = set.Metadata.Annotations is { } old && old.Count == annotations.Count && annotations.All(a => old.TryGetValue(a.Key, out var value) && value == a.Value);
        if (same && set.Spec.MinReadySeconds.GetValueOrDefault() == deployment.Spec.MinReadySeconds.GetValueOrDefault())
        {
            return set;
        }
        set.Metadata.Annotations = annotations;
        set.Spec.MinReadySeconds = deployment.Spec.MinReadySeconds;
        return await Sets.UpdateAsync(set, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells a set its size.</summary>
    /// <returns>Whether it had another.</returns>
    public async Task<bool> ScaleAsync(V1ReplicaSet set, int replicas, CancellationToken cancellation)
    {
        var before = set.Spec.Replicas ?? 0;
        var sizes = set.Metadata.Annotations is { } told ? new Dictionary<string, string>(told) : [];
        var wanted = deployment.Spec.Replicas ?? 1;
        var surge = deployment.Spec.Strategy?.Type == "Recreate" ? 0 : (deployment.Spec.Strategy?.RollingUpdate?.MaxSurge ?? new IntOrString("25%")).ScaledValue(wanted, roundUp: true);
        SetSizes(sizes, wanted, surge);
        var marked = set.Metadata.Annotations is { } old && sizes.All(a => old.TryGetValue(a.Key, out var value) && value == a.Value);
        if (before == replicas && (marked || replicas == 0))
        {
            return false;
        }
        set.Spec.Replicas = replicas;
        set.Metadata.Annotations = sizes;
        var updated = await Sets.UpdateAsync(set, cancellation: cancellation).ConfigureAwait(false);
        (set.Metadata, set.Spec) = (updated.Metadata, updated.Spec);
        if (before != replicas)
        {
            context.Events.Normal("ScalingReplicaSet", $"Scaled {(before < replicas ? "up" : "down")} replica set {set.Metadata.Name} from {before} to {replicas}");
        }
        return before != replicas;
    }

    /// <summary>Removes the oldest of the sets that have no pods, beyond the history that the deployment keeps; not before a rollout is through.</summary>
    public async Task CleanUpAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        if (sets.Current is null || deployment.Spec.RevisionHistoryLimit is not { } limit || sets.Old.Any(o => o.Spec.Replicas > 0 || o.Status?.Replicas > 0))
        {
            return;
        }
        foreach (var set in sets.Old.OrderBy(DeploymentSets.RevisionOf).Take(Math.Max(0, sets.Old.Count - limit)))
        {
            await Sets.DeleteAsync(set.Metadata.Name, new DeleteOptions { Uid = set.Metadata.Uid, Propagation = DeletePropagation.Background }, cancellation).ConfigureAwait(false);
        }
    }
}
