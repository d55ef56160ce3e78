using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Which objects are a controller's: those that name it, while its selector means them. Strays that it means are taken in, others are let go.</summary>
internal static class Claims
{
    /// <param name="context">The controller's context; it owns the kind.</param>
    /// <param name="owner">The controller.</param>
    /// <param name="selector">What it selects; nothing is taken in by an empty one.</param>
    /// <param name="strays">Who is told of those that have no controller.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="fits">What else must hold of a stray that is taken in.</param>
    /// <param name="finalizer">What holds an object as long as it is the controller's; null for nothing.</param>
    public static async Task<List<TOwned>> ClaimAsync<TOwned>(
        ReconcileContext context, IKubernetesObject<V1ObjectMeta> owner, LabelSelector selector, Strays strays, CancellationToken cancellation, Func<KubeObject, bool>? fits = null, string? finalizer = null)
        where TOwned : class, IKubernetesObject<V1ObjectMeta>
    {
        strays.Note(context.Key, selector);
        var resource = ResourceDefinition.For<TOwned>();
        var mine = new List<TOwned>();
        foreach (var owned in context.Owned(resource))
        {
            if (owned.IsDeleting || selector.Matches(owned))
            {
                mine.Add(owned.As<TOwned>());
            }
            else
            {
                await WriteAsync<TOwned>(context, owned, Release(owner, owned, finalizer), cancellation).ConfigureAwait(false);
            }
        }
        var lives = (bool?)null;
        foreach (var stray in selector.IsEverything ? [] : Strays.Near(context, resource))
        {
            if (stray.IsDeleting || !selector.Matches(stray) || fits?.Invoke(stray) == false)
            {
                continue;
            }
            // An owner that goes and leaves its objects behind must not take them in again: the cache may not know yet that it goes.
            if (!(lives ??= await LivesAsync(context, owner, cancellation).ConfigureAwait(false)))
            {
                break;
            }
            if (await WriteAsync<TOwned>(context, stray, Adopt(owner, stray, finalizer), cancellation).ConfigureAwait(false) is { } adopted)
            {
                mine.Add(adopted);
            }
        }
        return mine;
    }

    private static async Task<bool> LivesAsync(ReconcileContext context, IKubernetesObject<V1ObjectMeta> owner, CancellationToken cancellation)
    {
        try
        {
            var now = await context.Client.Resource(ResourceDefinition.For(owner.GetType()), context.Key.Namespace).GetAsync(context.Key.Name, cancellation: cancellation).ConfigureAwait(false);
            return !now.IsDeleting && now.Uid == owner.Metadata.Uid;
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return false;
        }
    }

    private static async Task<TOwned?> WriteAsync<TOwned>(ReconcileContext context, KubeObject value, JsonObject patch, CancellationToken cancellation)
        where TOwned : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await context.Client.Resource<TOwned>(value.Namespace).PatchAsync(value.Name, Patch.StrategicMerge(patch), cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException overtaken) when (overtaken.IsNotFound || overtaken.IsConflict || overtaken.IsInvalid)
        {
            // It is gone, is another by now, or has a controller already.
            return null;
        }
    }

    private static JsonObject Adopt(IKubernetesObject<V1ObjectMeta> owner, KubeObject value, string? finalizer)
    {
        var reference = JsonNode.Parse(KubeJson.Serialize(owner.MakeOwnerReference(controller: true, blockOwnerDeletion: true)));
        var metadata = new JsonObject { ["uid"] = value.Uid, ["ownerReferences"] = new JsonArray(reference) };
        if (finalizer is not null)
        {
            metadata["finalizers"] = new JsonArray(finalizer);
        }
        return new JsonObject { ["metadata"] = metadata };
    }

    private static JsonObject Release(IKubernetesObject<V1ObjectMeta> owner, KubeObject value, string? finalizer)
    {
        var metadata = new JsonObject { ["uid"] = value.Uid, ["ownerReferences"] = new JsonArray(new JsonObject { ["$patch"] = "delete", ["uid"] = owner.Metadata.Uid }) };
        if (finalizer is not null)
        {
            metadata["$deleteFromPrimitiveList/finalizers"] = new JsonArray(finalizer);
        }
        return new JsonObject { ["metadata"] = metadata };
    }
}
