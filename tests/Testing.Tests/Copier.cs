using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>A controller to try the kit on: copies each config map that asks for it into a secret, an hour after the map was made where it says so.</summary>
sealed class Copier(TimeProvider time) : IReconciler<V1ConfigMap>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
    {
        if (context.Object is not { } map || map.Data?.ContainsKey("copy") is not true)
            return ReconcileResult.Done;
        if (map.Data["copy"] == "later" && map.Metadata.CreationTimestamp!.Value.AddHours(1) - time.GetUtcNow() is { Ticks: > 0 } left)
            return ReconcileResult.RequeueAfter(left);
        if (context.Get<V1Secret>(context.Key) is null)
        {
            var copy = new V1Secret { Metadata = new V1ObjectMeta { Name = context.Key.Name, NamespaceProperty = context.Key.Namespace } };
            copy.SetControllerReference(map);
            await context.Client.Resource<V1Secret>(context.Key.Namespace).CreateAsync(copy, cancellation: cancellation);
        }
        return ReconcileResult.Done;
    }

    public static V1ConfigMap Map(string name, string copy = "now") => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Data = new Dictionary<string, string> { ["copy"] = copy },
    };
}
