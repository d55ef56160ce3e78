using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Serves what CRDs define. A definition is accepted and served before its creator gets an answer: a client that has created one may use it
/// at once. Objects of a deleted definition are removed first.
/// </summary>
internal sealed class CustomResourceController(ClusterStore cluster, ResourceTable table, WebhookCaller caller, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (JsonNode Spec, Retirement Retirement, ResourceStore Store)> _served = new(StringComparer.Ordinal);
    private ObjectService? _objects;

    /// <summary>Completes the circle of those who need each other.</summary>
    public void Attach(ObjectService objects) => _objects = objects;

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
                return;
            }
            var current = Definitions.Store.Current.Get("", stored.Name);
            if (current is null)
            {
                return;
            }
            var tree = current.ToTree();
            if (!HasCondition(tree, "Established"))
            {
                Accept(stored.Name);
                current = Definitions.Store.Current.Get("", stored.Name);
                tree = current?.ToTree();
            }
            if (tree is not null && HasCondition(tree, "Established"))
            {
                Serve(stored.Name, tree);
            }
        }
        if (stored.Terminating)
        {
            Later(TimeSpan.Zero, () => CleanUp(stored.Name));
        }
    }

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

    private void Accept(string name) => Objects.Rewrite(Definitions, "", name, tree =>
    {
        var spec = tree.Need("spec");
        var status = tree.Need("status");
        var names = spec.Need("names");
        var conflict = Conflict(tree, names);
        var now = MetadataRules.Timestamp(Time.GetUtcNow());
        var conditions = new JsonArray();
        if (conflict is null)
        {
            conditions.Add(Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now));
            conditions.Add(Condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now));
            status["acceptedNames"] = names.DeepClone();
        }
        else
        {
            conditions.Add(Condition("NamesAccepted", "False", conflict.Value.Reason, conflict.Value.Message, now));
            conditions.Add(Condition("Established", "False", "NotAccepted", "not all names are accepted", now));
        }
        status["conditions"] = conditions;
        if (!tree.Metadata().ContainsKey("deletionTimestamp"))
        {
            var finalizers = tree.Metadata().List("finalizers");
            if (finalizers is null)
            {
                tree.Metadata()["finalizers"] = finalizers = [];
            }
            if (!finalizers.Texts().Contains(CustomResourceDefinitionStrategy.CleanupFinalizer))
            {
                finalizers.Add(CustomResourceDefinitionStrategy.CleanupFinalizer);
            }
        }
    });

    private (string Reason, string Message)? Conflict(JsonObject definition, JsonObject names)
    {
        var group = definition.TextAt("spec", "group");
        var own = definition.Metadata().Text("name");
        foreach (var row in table.Current.Rows.Where(r => r.Group == group && r.Custom?.DefinitionName != own))
        {
            if (row.Kind == names.Text("kind") || row.ListKind == names.Text("kind"))
            {
                return ("KindConflict", $"\"{names.Text("kind")}\" is already in use");
            }
            if (row.Plural == names.Text("plural"))
            {
                return ("PluralConflict", $"\"{names.Text("plural")}\" is already in use");
            }
            if (row.ListKind == names.Text("listKind"))
            {
                return ("ListKindConflict", $"\"{names.Text("listKind")}\" is already in use");
            }
            foreach (var shortName in names.List("shortNames").Texts())
            {
                if (row.ShortNames.Contains(shortName))
                {
                    return ("ShortNamesConflict", $"\"{shortName}\" is already in use");
                }
            }
        }
        return null;
    }

    private void CleanUp(string name)
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
                Guarded(item, i => Objects.Delete(row, i.Namespace, i.Name, DeleteOptions.None, WriteContext.Internal("kube-apiserver")));
            }
            left = row.Store.Current.Count;
        }
        if (left > 0)
        {
            Objects.Rewrite(Definitions, "", name, t => SetCondition(t, Condition("Terminating", "True", "InstanceDeletionInProgress",
                "CustomResource deletion is in progress", MetadataRules.Timestamp(Time.GetUtcNow()))));
            Again(() => CleanUp(name));
            return;
        }
        Objects.Rewrite(Definitions, "", name, static t =>
        {
            var kept = t.Metadata().List("finalizers").Texts().Where(f => f != CustomResourceDefinitionStrategy.CleanupFinalizer).Select(f => (JsonNode)f).ToArray();
            t.Metadata()["finalizers"] = new JsonArray(kept);
            t.Metadata().DropEmpty("finalizers");
        });
    }

    private static bool HasCondition(JsonObject tree, string type) =>
        (tree.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == type && c.Text("status") == "True");

    private static void SetCondition(JsonObject tree, JsonObject condition)
    {
        var status = tree.Need("status");
        var conditions = status.List("conditions")?.DeepClone().AsArray() ?? [];
        if (conditions.Objects().FirstOrDefault(c => c.Text("type") == condition.Text("type")) is { } old)
        {
            if (old.Text("status") == condition.Text("status"))
            {
                return;
            }
            conditions.Remove(old);
        }
        conditions.Add(condition);
        status["conditions"] = conditions;
    }

    private static JsonObject Condition(string type, string status, string reason, string message, string time) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastTransitionTime"] = time,
        ["reason"] = reason,
        ["message"] = message,
    };
}
