using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// The claims of a stateful set's volume templates: made with their pods, and kept, or deleted with the set or with what it is scaled by, as its retention policy says: then they are owned by the set or by their pod.
/// </summary>
internal static class StatefulSetClaims
{
    public static async Task MakeAsync(ReconcileContext<V1StatefulSet> context, V1StatefulSet set, int ordinal, CancellationToken cancellation)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates ?? [])
        {
            var claim = template.DeepCopy();
            var labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>());
            foreach (var (key, value) in set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>())
            {
                labels[key] = value;
            }
            claim.Metadata = new V1ObjectMeta
            {
                Name = NameOf(template, set, ordinal), NamespaceProperty = set.Metadata.NamespaceProperty, Annotations = template.Metadata.Annotations, Labels = labels.Count == 0 ? null : labels,
                OwnerReferences = Owners(set, ordinal, pod: null, []) is { Count: > 0 } owners ? owners : null,
            };
            try
            {
                await context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace).CreateAsync(claim, cancellation: cancellation).ConfigureAwait(false);
                context.Events.Normal("SuccessfulCreate", $"create Claim {claim.Metadata.Name} Pod {set.Metadata.Name}-{ordinal.ToString(CultureInfo.InvariantCulture)} in StatefulSet {set.Metadata.Name} success");
            }
            catch (KubernetesException there) when (there.IsAlreadyExists)
            {
                // The pod that had this number before left it: that is what it is for.
            }
        }
    }

    /// <summary>Gives claims the owners that the retention policy wants for them.</summary>
    public static async Task OwnAsync(ReconcileContext<V1StatefulSet> context, V1StatefulSet set, IReadOnlyDictionary<int, V1Pod> pods, CancellationToken cancellation)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates ?? [])
        {
            foreach (var (ordinal, pod) in pods)
            {
                if (context.Get<V1PersistentVolumeClaim>(new NamespacedName(context.Key.Namespace, NameOf(template, set, ordinal))) is not { Metadata.DeletionTimestamp: null } claim)
                {
                    continue;
                }
                var before = claim.Metadata.OwnerReferences ?? [];
                var wanted = Owners(set, ordinal, pod, before);
                if (!wanted.SequenceEqual(before, SemanticComparer<V1OwnerReference>.Default))
                {
                    claim.Metadata.OwnerReferences = wanted.Count == 0 ? null : wanted;
                    await context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace).UpdateAsync(claim, cancellation: cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    private static string NameOf(V1PersistentVolumeClaim template, V1StatefulSet set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{template.Metadata.Name}-{set.Metadata.Name}-{ordinal}");

    private static List<V1OwnerReference> Owners(V1StatefulSet set, int ordinal, V1Pod? pod, IEnumerable<V1OwnerReference> before)
    {
        var policy = set.Spec.PersistentVolumeClaimRetentionPolicy;
        var first = set.Spec.Ordinals?.Start ?? 0;
        var surplus = ordinal < first || ordinal >= first + (set.Spec.Replicas ?? 1);
        var bySet = policy?.WhenDeleted == "Delete" && !(policy.WhenScaled == "Delete" && surplus);
        var byPod = policy?.WhenScaled == "Delete" && surplus;
        var owners = before.Where(o => o.Uid != set.Metadata.Uid && !(o.Kind == "Pod" && o.Name == $"{set.Metadata.Name}-{ordinal.ToString(CultureInfo.InvariantCulture)}")).ToList();
        if (bySet)
        {
            owners.Add(set.MakeOwnerReference(controller: true, blockOwnerDeletion: true));
        }
        if (byPod && pod is not null)
        {
            owners.Add(pod.MakeOwnerReference(controller: true, blockOwnerDeletion: true));
        }
        return owners;
    }
}
