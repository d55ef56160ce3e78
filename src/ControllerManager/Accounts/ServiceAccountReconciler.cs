using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Sees to it that each namespace has the service account <c>default</c>, whoever deletes it.</summary>
internal sealed class ServiceAccountReconciler : IReconciler<V1Namespace>
{
    public const string Account = "default";

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Namespace> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null } || context.Get(ResourceDefinition.For<V1ServiceAccount>(), new NamespacedName(context.Key.Name, Account)) is not null)
        {
            return ReconcileResult.Done;
        }
        try
        {
            await context.Client.Resource<V1ServiceAccount>(context.Key.Name).CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = Account } }, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException settled) when (settled.IsAlreadyExists || settled.IsNotFound || settled.HasStatusCause("NamespaceTerminating"))
        {
            // It has it, or needs it no more.
        }
        return ReconcileResult.Done;
    }
}
