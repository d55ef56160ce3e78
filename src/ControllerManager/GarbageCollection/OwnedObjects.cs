using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.ControllerManager;

/// <summary>What the garbage collector asks of a server, and changes there. Nothing is done to another object than the one that is meant: all by uid.</summary>
internal sealed class OwnedObjects(IKubernetesClient client)
{
    private const int Tries = 5;

    /// <summary>An object as the server has it now; null where it is not there.</summary>
    public async Task<KubeObject?> FindAsync(ResourceDefinition resource, ObjectIdentity identity, CancellationToken cancellation)
    {
        try
        {
            var found = await Of(resource, identity).GetAsync(identity.Name, cancellation: cancellation).ConfigureAwait(false);
            return found.Uid == identity.Uid ? found : null;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes an object as it was read; whoever changed it meanwhile may have given it an owner.</summary>
    /// <exception cref="KubernetesException">It has changed (a conflict), or the server refuses.</exception>
    public async Task DeleteAsync(ResourceDefinition resource, ObjectIdentity identity, KubeObject latest, DeletePropagation propagation, CancellationToken cancellation)
    {
        try
        {
            await Of(resource, identity).DeleteAsync(identity.Name, new DeleteOptions { Uid = identity.Uid, ResourceVersion = latest.ResourceVersion, Propagation = propagation }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // So be it.
        }
    }

    /// <summary>Cuts references to owners off an object.</summary>
    public Task CutAsync(ResourceDefinition resource, ObjectIdentity identity, IReadOnlyCollection<string> owners, CancellationToken cancellation) =>
        PatchOwnersAsync(resource, identity, new JsonArray([.. owners.Select(uid => new JsonObject { ["$patch"] = "delete", ["uid"] = uid })]),
            references => [.. references.Where(r => !owners.Contains((string?)r["uid"] ?? ""))], cancellation);

    /// <summary>Lets no owner wait for an object any more.</summary>
    public async Task UnblockAsync(ResourceDefinition resource, ObjectIdentity identity, KubeObject latest, CancellationToken cancellation)
    {
        static JsonObject Unblocked(JsonObject reference)
        {
            reference["blockOwnerDeletion"] = false;
            return reference;
        }
        var blocking = References(latest).Where(r => (bool?)r["blockOwnerDeletion"] is true).ToList();
        if (blocking.Count > 0)
        {
            await PatchOwnersAsync(resource, identity, new JsonArray([.. blocking.Select(Unblocked)]), references => [.. references.Select(Unblocked)], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes one finalizer away from an object that may have others.</summary>
    public async Task RemoveFinalizerAsync(ResourceDefinition resource, ObjectIdentity identity, string finalizer, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await FindAsync(resource, identity, cancellation).ConfigureAwait(false) is not { } latest || !latest.Finalizers.Contains(finalizer))
            {
                return;
            }
            var left = latest.Finalizers.Where(f => f != finalizer).Select(f => (JsonNode)f).ToArray();
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = latest.ResourceVersion, ["finalizers"] = left.Length == 0 ? null : new JsonArray(left) } };
            try
            {
                await Of(resource, identity).PatchAsync(identity.Name, Patch.Merge(patch), cancellation: cancellation).ConfigureAwait(false);
                return;
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
                return;
            }
            catch (KubernetesException overtaken) when (overtaken.IsConflict && attempt < Tries)
            {
                // With what it is now.
            }
        }
    }

    /// <summary>
    /// What names an object as its owner at this moment, as the server says: a dependent that has just been made may not have been seen, and what comes next cannot be taken back.
    /// </summary>
    public async Task<List<(ResourceDefinition Resource, KubeObject Object)>> DependentsAsync(IEnumerable<ResourceDefinition> resources, ObjectIdentity owner, CancellationToken cancellation)
    {
        var dependents = new List<(ResourceDefinition, KubeObject)>();
        foreach (var resource in resources.Where(r => r.Namespaced || owner.Namespace.Length == 0))
        {
            try
            {
                await foreach (var found in client.Metadata(resource, owner.Namespace.Length == 0 ? null : owner.Namespace).ListAllAsync(cancellation: cancellation).ConfigureAwait(false))
                {
                    if (found.OwnerReferences.Any(o => o.Uid == owner.Uid))
                    {
                        dependents.Add((resource, found));
                    }
                }
            }
            catch (KubernetesException missing) when (missing.IsNotFound || missing.IsMethodNotSupported)
            {
                // Its definition has just gone, and its objects with it.
            }
        }
        return dependents;
    }

    /// <summary>Changes the list of owners: element by element where the kind knows how, else whole, as it was read.</summary>
    private async Task PatchOwnersAsync(ResourceDefinition resource, ObjectIdentity identity, JsonArray strategic, Func<IEnumerable<JsonObject>, JsonArray> whole, CancellationToken cancellation)
    {
        var objects = Of(resource, identity);
        try
        {
            await objects.PatchAsync(identity.Name, Patch.StrategicMerge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = identity.Uid, ["ownerReferences"] = strategic } }), cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // Then nobody owns it.
        }
        catch (KubernetesException unknown) when (unknown.IsUnsupportedMediaType)
        {
            if (await FindAsync(resource, identity, cancellation).ConfigureAwait(false) is not { } latest)
            {
                return;
            }
            var left = whole(References(latest));
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = latest.ResourceVersion, ["ownerReferences"] = left.Count == 0 ? null : left } };
            await objects.PatchAsync(identity.Name, Patch.Merge(patch), cancellation: cancellation).ConfigureAwait(false);
        }
    }

    private static List<JsonObject> References(KubeObject found) =>
        [.. (found.ToUnstructured().GetList("metadata", "ownerReferences") ?? []).OfType<JsonObject>().Select(r => (JsonObject)r.DeepClone())];

    private IMetadataClient Of(ResourceDefinition resource, ObjectIdentity identity) => client.Metadata(resource, resource.Namespaced ? identity.Namespace : null);
}
