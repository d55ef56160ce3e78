using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Serves what CRDs define. A definition is accepted and served before its creator gets an answer: a client that has created one may use it
/// at once. Objects of a deleted definition are removed first.
/// </summary>
internal sealed class CustomResourceController(ClusterStore cluster, ResourceTable table, WebhookCaller caller, TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (JsonNode Spec, Retirement Retirement, ResourceStore Store)> _served = new(StringComparer.Ordinal);
    private ObjectService? _objects;
    private ApiServices? _services;

    /// <summary>Completes the circle of those who need each other.</summary>
    public void Attach(ObjectService objects, ApiServices services) => (_objects, _services) = (objects, services);

    private ObjectService Objects => _objects ?? throw new InvalidOperationException("The controller has not been attached.");

    private ApiResource Definitions => table.Current.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;

    /// <summary>Takes up a committed change of a definition.</summary>
    public void OnDefinition(StoreEventType type, StoredObject stored)
    {
        lock (_lock)
        {
            if (type == StoreEventType.Deleted)
            {
                table.SetCustom(stored.Name, []);
                Retire(stored.Name);
                _services?.Keep(stored.Name[(stored.Name.IndexOf('.', StringComparison.Ordinal) + 1)..]);
                Reconsider(stored.ToTree());
                return;
            }
            var current = Definitions.Store.Current.Get("", stored.Name);
            if (current is null)
            {
                return;
            }
            var tree = current.ToTree();
            if (!tree.Metadata().ContainsKey("deletionTimestamp") && NamesDiffer(tree))
            {
                Accept(stored.Name);
                current = Definitions.Store.Current.Get("", stored.Name);
                tree = current?.ToTree();
            }
            if (tree is not null && DefinitionConditions.Holds(tree, "Established"))
            {
                Serve(stored.Name, tree);
            }
        }
        if (stored.Terminating)
        {
            Later(TimeSpan.Zero, () => CleanUpAsync(stored.Name));
        }
    }

    /// <summary>Whether a definition asks for other names than it has; one that was refused them is asked again when it changes.</summary>
    private static bool NamesDiffer(JsonObject definition) => DefinitionConditions.Find(definition, "NamesAccepted") is null
        || ((string[])["plural", "singular", "kind", "listKind", "shortNames", "categories"]).Any(f => !JsonNode.DeepEquals(definition.At("spec", "names", f), definition.At("status", "acceptedNames", f)));

    private void Serve(string name, JsonObject definition)
    {
        var spec = definition.Need("spec");
        var same = _served.TryGetValue(name, out var before) && JsonNode.DeepEquals(before.Spec, spec);
        var retirement = same ? before.Retirement : new Retirement();
        var rows = CustomResourceRows.Of(definition, cluster, caller, retirement);
        table.SetCustom(name, rows);
        if (same)
        {
            return;
        }
        Retire(name);
        _services?.Keep(spec.Text("group") ?? "");
        if (!rows.IsEmpty)
        {
            _served[name] = (spec.Copy(), retirement, rows[0].Store);
        }
    }

    /// <summary>Ends the watches of what a definition has said until now.</summary>
    private void Retire(string name)
    {
        if (_served.Remove(name, out var before))
        {
            before.Retirement.Retire();
            before.Store.Announce();
        }
    }

    private void Accept(string name) => WriteStatus(name, tree => DefinitionNames.Settle(tree, Others(tree), MetadataRules.Timestamp(time.GetUtcNow())));

    /// <summary>Changes a definition's status, and says in its managedFields who did.</summary>
    private void WriteStatus(string name, Action<JsonObject> change) => Objects.Rewrite(Definitions, "", name, tree =>
    {
        var before = tree.Copy();
        change(tree);
        Objects.FieldManagement.Updated(Definitions, tree, before, WriteContext.Internal("kube-apiserver"), "status");
    });

    private List<JsonObject> Others(JsonObject definition)
    {
        var (group, own) = (definition.TextAt("spec", "group"), definition.Metadata().Text("name"));
        return [.. Definitions.Store.Current.Enumerate(null).Where(o => o.Name != own).Select(o => o.ToTree()).Where(o => o.TextAt("spec", "group") == group)];
    }

    /// <summary>Names that became free may have been waited for.</summary>
    private void Reconsider(JsonObject definition)
    {
        foreach (var other in Others(definition).Where(o => !DefinitionConditions.Holds(o, "NamesAccepted") && !o.Metadata().ContainsKey("deletionTimestamp")))
        {
            Accept(other.Metadata().Text("name")!);
        }
    }

    /// <summary>Does a step after a while, by the server's clock. What overtakes it, or fails it, comes by here again.</summary>
    private void Later(TimeSpan delay, Func<Task> step)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(_ =>
        {
            timer?.Dispose();
            if (!stopping.IsCancellationRequested)
            {
                _ = UnlessOvertakenAsync(step);
            }
        }, null, delay, Timeout.InfiniteTimeSpan);
    }

    private static async Task UnlessOvertakenAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (ApiException)
        {
            // Somebody else's write, whose event comes along.
        }
    }

    private async Task CleanUpAsync(string name)
    {
        if (Definitions.Store.Current.Get("", name) is not { Terminating: true } stored)
        {
            return;
        }
        var tree = stored.ToTree();
        if (!tree.Metadata().List("finalizers").Texts().Contains(CustomResourceDefinitionStrategy.CleanupFinalizer))
        {
            return;
        }
        var row = table.Current.Rows.FirstOrDefault(r => r.Custom?.DefinitionName == name);
        var left = 0;
        if (row is not null)
        {
            foreach (var item in row.Store.Current.Enumerate(null).Where(i => !i.Terminating).ToList())
            {
                await UnlessOvertakenAsync(() => Objects.DeleteAsync(row, item.Namespace, item.Name, DeleteOptions.None, WriteContext.Internal("kube-apiserver")).AsTask()).ConfigureAwait(false);
            }
            left = row.Store.Current.Count;
        }
        if (left > 0)
        {
            WriteStatus(name, t => DefinitionConditions.Set(t, DefinitionConditions.Of("Terminating", "True", "InstanceDeletionInProgress",
                "CustomResource deletion is in progress", MetadataRules.Timestamp(time.GetUtcNow()))));
            Later(LookAgain, () => CleanUpAsync(name));
            return;
        }
        Objects.Rewrite(Definitions, "", name, static t =>
        {
            var kept = t.Metadata().List("finalizers").Texts().Where(f => f != CustomResourceDefinitionStrategy.CleanupFinalizer).Select(f => (JsonNode)f).ToArray();
            t.Metadata()["finalizers"] = new JsonArray(kept);
            t.Metadata().DropEmpty("finalizers");
        });
    }
}
