using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Owners and what they own: objects all of whose owners are gone are deleted, <c>foregroundDeletion</c> waits for what blocks it, and
/// <c>orphan</c> cuts the references.
/// </summary>
internal sealed class GarbageCollector(ObjectService objects, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<(ResourceStore Store, string Namespace, string Name)>> _dependents = new(StringComparer.Ordinal);

    public async Task RunAsync()
    {
        var followed = new Dictionary<ResourceStore, Task>();
        try
        {
            // Stores of custom resources come while the server runs; the signal is taken before the look, so that none is missed.
            while (!Stopping.IsCancellationRequested)
            {
                var added = objects.Cluster.StoreAdded;
                foreach (var store in objects.Cluster.Stores)
                {
                    if (!followed.ContainsKey(store))
                    {
                        followed.Add(store, FollowAsync(store, change => OnChange(store, change)));
                    }
                }
                await added.WaitAsync(Stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        await Task.WhenAll(followed.Values).ConfigureAwait(false);
    }

    private ApiResource? RowOf(ResourceStore store) =>
        objects.Table.Current.Rows.FirstOrDefault(r => ReferenceEquals(r.Store, store) && r.Conversion is null)
        ?? objects.Table.Current.Rows.FirstOrDefault(r => ReferenceEquals(r.Store, store));

    private void OnChange(ResourceStore store, StoreEvent change)
    {
        var value = change.Object!;
        Index(store, change.Previous, add: false);
        if (change.Type == StoreEventType.Deleted)
        {
            OwnerGone(value.Uid);
            ParentsOf(value);
            return;
        }
        Index(store, value, add: true);
        if (value.Terminating)
        {
            Finish(store, value);
        }
        else if (value.HasOwners)
        {
            CollectIfOrphaned(store, value, isNews: true);
        }
    }

    private void Index(ResourceStore store, StoredObject? value, bool add)
    {
        if (value is not { HasOwners: true })
        {
            return;
        }
        lock (_lock)
        {
            foreach (var owner in value.OwnerUids)
            {
                if (!_dependents.TryGetValue(owner, out var set))
                {
                    if (!add)
                    {
                        continue;
                    }
                    _dependents[owner] = set = [];
                }
                if (add)
                {
                    set.Add((store, value.Namespace, value.Name));
                }
                else if (set.Remove((store, value.Namespace, value.Name)) && set.Count == 0)
                {
                    _dependents.Remove(owner);
                }
            }
        }
    }

    private List<(ResourceStore Store, string Namespace, string Name)> DependentsOf(string uid)
    {
        lock (_lock)
        {
            return _dependents.TryGetValue(uid, out var set) ? [.. set] : [];
        }
    }

    private void OwnerGone(string uid)
    {
        foreach (var (store, space, name) in DependentsOf(uid))
        {
            if (store.Current.Get(space, name) is { } dependent)
            {
                Guarded(dependent, d => CollectIfOrphaned(store, d));
            }
        }
    }

    /// <summary>An object left: owners that wait for it in the foreground may go on.</summary>
    private void ParentsOf(StoredObject value)
    {
        foreach (var uid in value.OwnerUids)
        {
            if (FindByUid(uid) is { Terminating: true } owner && StoreOf(uid) is { } store)
            {
                Guarded(owner, o => Finish(store, o));
            }
        }
    }

    /// <summary>Deletes an object that nobody owns any more: as it is now, not as the event told it, and only if nobody changes it meanwhile.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="told">The object as an event told it.</param>
    /// <param name="isNews">It came or changed itself: its owner may be one that it cannot have.</param>
    private void CollectIfOrphaned(ResourceStore store, StoredObject told, bool isNews = false)
    {
        if (RowOf(store) is not { } row || store.Current.Get(told.Namespace, told.Name) is not { HasOwners: true } value || value.Uid != told.Uid)
        {
            return;
        }
        var version = value.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        var owners = value.ToTree().Metadata().List("ownerReferences").Objects().ToList();
        var (alive, waiting, gone) = (0, 0, new List<string>());
        foreach (var owner in owners)
        {
            switch (OwnerState(row, value, owner, isNews))
            {
                case Ownership.Lives:
                    alive++;
                    break;
                case Ownership.Going:
                    waiting++;
                    break;
                case Ownership.Gone:
                    gone.Add(owner.Text("uid") ?? "");
                    break;
            }
        }
        if (alive > 0)
        {
            if (gone.Count > 0)
            {
                Cut(row, value, gone);
            }
            return;
        }
        var options = waiting > 0
            ? new DeleteOptions { Uid = value.Uid, ResourceVersion = version, PropagationPolicy = DependentsOf(value.Uid).Count > 0 ? "Foreground" : null }
            : new DeleteOptions { Uid = value.Uid, ResourceVersion = version, PropagationPolicy = value.ToTree().Metadata().List("finalizers").Texts().FirstOrDefault(f => f is "orphan" or "foregroundDeletion") switch { "orphan" => "Orphan", "foregroundDeletion" => "Foreground", _ => "Background" } };
        objects.Delete(row, value.Namespace, value.Name, options, Writer);
    }

    private enum Ownership
    {
        /// <summary>The owner is there, or it cannot be said that it is not.</summary>
        Lives,

        /// <summary>It is being deleted in the foreground.</summary>
        Going,

        /// <summary>It is gone, or never was.</summary>
        Gone,
    }

    private Ownership OwnerState(ApiResource row, StoredObject value, JsonObject reference, bool isNews)
    {
        var version = reference.Text("apiVersion") ?? "";
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : version[..slash];
        if (objects.Table.Current.FindKind(group, reference.Text("kind") ?? "") is not { } kind)
        {
            // A kind that is not served may be served tomorrow: nothing is deleted on a guess.
            return Ownership.Lives;
        }
        if (kind.Namespaced && value.Namespace.Length == 0)
        {
            // Nobody without a namespace can be owned by somebody in one: that is told, and nothing is deleted on it.
            if (isNews)
            {
                Tell(row, value, reference);
            }
            return Ownership.Lives;
        }
        var owner = kind.Store.Current.Get(kind.Namespaced ? value.Namespace : "", reference.Text("name") ?? "");
        if (owner is null || owner.Uid != reference.Text("uid"))
        {
            if (isNews && kind.Namespaced && FindByUid(reference.Text("uid") ?? "") is { } elsewhere && elsewhere.Namespace != value.Namespace)
            {
                Tell(row, value, reference);
            }
            return Ownership.Gone;
        }
        return owner.Terminating && owner.ToTree().Metadata().List("finalizers").Texts().Contains("foregroundDeletion") ? Ownership.Going : Ownership.Lives;
    }

    private void Tell(ApiResource row, StoredObject value, JsonObject reference)
    {
        var about = new JsonObject { ["apiVersion"] = row.ApiVersion, ["kind"] = row.Kind, ["name"] = value.Name, ["uid"] = value.Uid };
        if (value.Namespace.Length > 0)
        {
            about["namespace"] = value.Namespace;
        }
        var message = $"ownerRef [{reference.Text("apiVersion")}/{reference.Text("kind")}, namespace: {value.Namespace}, name: {reference.Text("name")}, uid: {reference.Text("uid")}] does not exist in namespace \"{value.Namespace}\"";
        Guarded(about, a => ServerEvents.Write(objects, a, "garbage-collector-controller", "", warning: true, "OwnerRefInvalidNamespace", message));
    }

    /// <summary>Cuts references to owners that are gone from an object that has another owner.</summary>
    private void Cut(ApiResource row, StoredObject value, List<string> gone) => Guarded(row, r => objects.Rewrite(r, value.Namespace, value.Name, tree =>
    {
        if (tree.Metadata().Text("uid") == value.Uid)
        {
            Keep(tree, o => !gone.Contains(o.Text("uid") ?? ""));
        }
    }));

    private static void Keep(JsonObject tree, Func<JsonObject, bool> which)
    {
        var meta = tree.Metadata();
        meta["ownerReferences"] = new JsonArray([.. meta.List("ownerReferences").Objects().Where(which).Select(o => o.DeepClone())]);
        meta.DropEmpty("ownerReferences");
    }

    /// <summary>Carries out what a terminating object's finalizers ask of the collector.</summary>
    private void Finish(ResourceStore store, StoredObject value)
    {
        if (RowOf(store) is not { } row || store.Current.Get(value.Namespace, value.Name) is not { Terminating: true } current)
        {
            return;
        }
        var finalizers = current.ToTree().Metadata().List("finalizers").Texts().ToList();
        if (finalizers.Contains("orphan"))
        {
            Orphan(current.Uid);
            RemoveFinalizer(row, current, "orphan");
        }
        else if (finalizers.Contains("foregroundDeletion"))
        {
            var blocking = false;
            foreach (var (dependentStore, space, name) in DependentsOf(current.Uid))
            {
                if (dependentStore.Current.Get(space, name) is not { } dependent)
                {
                    continue;
                }
                if (!dependent.Terminating)
                {
                    Guarded(dependent, d => CollectIfOrphaned(dependentStore, d));
                }
                blocking |= dependentStore.Current.Get(space, name) is { } left &&
                    left.ToTree().Metadata().List("ownerReferences").Objects().Any(o => o.Text("uid") == current.Uid && o["blockOwnerDeletion"].AsBool() == true);
            }
            if (!blocking)
            {
                RemoveFinalizer(row, current, "foregroundDeletion");
            }
        }
    }

    /// <summary>Cuts the references to an owner that is leaving. All objects are looked at: those that came last may not be known as its own yet.</summary>
    private void Orphan(string uid)
    {
        foreach (var store in objects.Cluster.Stores)
        {
            if (RowOf(store) is not { } row)
            {
                continue;
            }
            foreach (var dependent in store.Current.Enumerate(null).Where(o => o.OwnerUids.Contains(uid)).ToList())
            {
                Guarded(row, r => objects.Rewrite(r, dependent.Namespace, dependent.Name, tree => Keep(tree, o => o.Text("uid") != uid)));
            }
        }
    }

    private void RemoveFinalizer(ApiResource row, StoredObject value, string finalizer) => Guarded(row, r => objects.Rewrite(r, value.Namespace, value.Name, tree =>
    {
        var meta = tree.Metadata();
        meta["finalizers"] = new JsonArray([.. meta.List("finalizers").Texts().Where(f => f != finalizer).Select(f => (JsonNode)f)]);
        meta.DropEmpty("finalizers");
    }));

    private StoredObject? FindByUid(string uid) => objects.Cluster.Stores.SelectMany(s => s.Current.Enumerate(null)).FirstOrDefault(o => o.Uid == uid);

    private ResourceStore? StoreOf(string uid) => objects.Cluster.Stores.FirstOrDefault(s => s.Current.Enumerate(null).Any(o => o.Uid == uid));
}
