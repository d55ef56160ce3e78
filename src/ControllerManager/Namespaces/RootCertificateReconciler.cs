using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Tells each namespace whom to trust, in the config map <c>kube-root-ca.crt</c>, whatever somebody has made of it.</summary>
/// <param name="certificates">The authority's certificates as PEM.</param>
internal sealed class RootCertificateReconciler(string certificates) : IReconciler<V1Namespace>
{
    public const string Map = "kube-root-ca.crt";

    private const string Description = "kubernetes.io/description";
    private const string Says = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. "
        + "No other usage is guaranteed across distributions of Kubernetes clusters.";
    private const string Key = "ca.crt";

    /// <summary>The maps of that name and no others.</summary>
    public static CacheSpec Maps { get; } = CacheSpec.Of<V1ConfigMap>(fieldSelector: $"metadata.name={Map}");

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Namespace> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null })
        {
            return ReconcileResult.Done;
        }
        var maps = context.Client.Resource<V1ConfigMap>(context.Key.Name);
        try
        {
            if (context.Get<V1ConfigMap>(new NamespacedName(context.Key.Name, Map)) is not { } found)
            {
                await maps.CreateAsync(Told(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = Map } }), cancellation: cancellation).ConfigureAwait(false);
            }
            else if (found.Metadata.DeletionTimestamp is null
                && !(found.Data is { Count: 1 } data && data.TryGetValue(Key, out var told) && told == certificates && found.Metadata.Annotations?.ContainsKey(Description) is true))
            {
                await maps.UpdateAsync(Told(found), cancellation: cancellation).ConfigureAwait(false);
            }
        }
        catch (KubernetesException settled) when (settled.IsConflict || settled.IsAlreadyExists || settled.IsNotFound || settled.HasStatusCause("NamespaceTerminating"))
        {
            // Another's write brings another run; what is gone needs it no more.
        }
        return ReconcileResult.Done;
    }

    private V1ConfigMap Told(V1ConfigMap map)
    {
        (map.Metadata.Annotations ??= new Dictionary<string, string>())[Description] = Says;
        map.Data = new Dictionary<string, string> { [Key] = certificates };
        return map;
    }
}
