using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>As many pods as somebody asks for, no matter which.</summary>
internal static class ReplicaPods
{
    /// <summary>Makes the missing ones and gives up those that are too many.</summary>
    /// <returns>What the server refused; null where it refused nothing.</returns>
    public static async Task<KubernetesException?> KeepAsync(ReconcileContext context, List<V1Pod> pods, int wanted, Func<V1Pod> make, CancellationToken cancellation)
    {
        try
        {
            if (pods.Count < wanted)
            {
                await PodControl.CreateAsync(context, Enumerable.Range(0, wanted - pods.Count).Select(_ => make()), cancellation).ConfigureAwait(false);
            }
            else if (pods.Count > wanted)
            {
                await PodControl.DeleteAsync(context, pods.LeastUsefulFirst().Take(pods.Count - wanted), cancellation).ConfigureAwait(false);
            }
            return null;
        }
        catch (KubernetesException refused) when (!refused.IsConflict)
        {
            return refused;
        }
    }

    public static int FullyLabeled(IEnumerable<V1Pod> pods, V1PodTemplateSpec? template) =>
        pods.Count(p => (template?.Metadata?.Labels ?? new Dictionary<string, string>()).All(l => p.Metadata.Labels?.TryGetValue(l.Key, out var value) == true && value == l.Value));

    /// <summary>When the next of the ready pods counts as available.</summary>
    public static ReconcileResult LookAgain(IEnumerable<V1Pod> pods, int minReadySeconds, DateTime now) =>
        pods.Select(p => p.UntilAvailable(minReadySeconds, now)).OfType<TimeSpan>().Order().FirstOrDefault() is var soonest && soonest > TimeSpan.Zero
            ? ReconcileResult.RequeueAfter(soonest) : ReconcileResult.Done;
}
