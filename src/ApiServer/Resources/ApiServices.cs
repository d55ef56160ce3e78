using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// The APIService objects that a server keeps of what it serves itself: those of its own groups from the beginning on, those of definitions as these come and go. What somebody makes of a definition's is put
/// right; after the others nobody looks until the next start. Those that somebody makes for a service say whether it is there. What the controllers of the aggregation layer in kube-apiserver do. Thread-safe.
/// </summary>
internal sealed class ApiServices
{
    private const string Managed = "kube-aggregator.kubernetes.io/automanaged";
    private const string Writer = "kube-apiserver";

    /// <summary>Every group and version with its place among groups and that among the group's versions.</summary>
    private static readonly (string Group, string Version, int GroupPriority, int VersionPriority)[] Own =
    [
        ("", "v1", 18000, 1), ("admissionregistration.k8s.io", "v1", 16700, 15), ("apiextensions.k8s.io", "v1", 16700, 15), ("apps", "v1", 17800, 15), ("authentication.k8s.io", "v1", 17700, 15),
        ("authorization.k8s.io", "v1", 17600, 15), ("autoscaling", "v1", 17500, 15), ("autoscaling", "v2", 17500, 30), ("batch", "v1", 17400, 15), ("certificates.k8s.io", "v1", 17300, 15),
        ("coordination.k8s.io", "v1", 16500, 15), ("discovery.k8s.io", "v1", 16200, 15), ("events.k8s.io", "v1", 17750, 15), ("flowcontrol.apiserver.k8s.io", "v1", 16100, 21),
        ("networking.k8s.io", "v1", 17200, 15), ("node.k8s.io", "v1", 16300, 15), ("policy", "v1", 17100, 15), ("rbac.authorization.k8s.io", "v1", 17000, 15), ("scheduling.k8s.io", "v1", 16600, 15),
        ("storage.k8s.io", "v1", 16800, 15),
    ];

    private readonly ObjectService _objects;
    private readonly ApiResource _row;
    private readonly Lock _lock = new();

    /// <summary>The objects that name a service, and which.</summary>
    private readonly ConcurrentDictionary<string, string> _forServices = new(StringComparer.Ordinal);

    public ApiServices(ObjectService objects)
    {
        _objects = objects;
        _row = objects.Table.Current.Find("apiregistration.k8s.io", "v1", "apiservices")!;
        ((ApiServiceStrategy)_row.Strategy).OnCommitted = OnCommitted;
        ((ServiceStrategy)objects.Table.Current.Find("", "v1", "services")!.Strategy).OnCommitted = OnService;
        ((EndpointsStrategy)objects.Table.Current.Find("", "v1", "endpoints")!.Strategy).OnCommitted = OnService;
    }

    /// <summary>Whether the server keeps this object by itself, so that a copy of its state does without.</summary>
    public static bool IsAutomatic(JsonObject tree) => tree.Text("kind") == "APIService" && tree.Metadata().Child("labels")?.Text(Managed) == "true";

    /// <summary>Those of the server's own groups.</summary>
    public void Begin()
    {
        var time = _objects.Time.GetUtcNow();
        _objects.Cluster.Begin(_row.Store, Own.Length, () => [.. Own.Select(o => New(o.Group, o.Version, o.GroupPriority, o.VersionPriority, "onstart", time))]);
    }

    /// <summary>Sees to it that there is one for each version that definitions of a group serve, and none for others.</summary>
    public void Keep(string group)
    {
        lock (_lock)
        {
            var served = _objects.Table.Current.Rows.Where(r => r.Custom is not null && r.Group == group).Select(r => r.Version).ToHashSet(StringComparer.Ordinal);
            foreach (var version in served)
            {
                Ensure(group, version);
            }
            foreach (var stale in _row.Store.Current.Enumerate(null).Where(o => IsOf(o, group) && !served.Contains(o.Name[..^(group.Length + 1)])).ToList())
            {
                Told(StoreEventType.Deleted, _objects.Cluster.TryDelete(_row.Store, stale, stale.ToTree()));
            }
        }
    }

    private static bool IsOf(StoredObject value, string group) =>
        value.Labels.TryGetValue(Managed, out var managed) && managed == "true" && value.Name.EndsWith(group, StringComparison.Ordinal) && value.Name.Length > group.Length && value.Name[^(group.Length + 1)] == '.';

    private void Ensure(string group, string version)
    {
        var wanted = New(group, version, 1000, 100, "true", _objects.Time.GetUtcNow());
        if (_row.Store.Current.Get("", wanted.Metadata().Text("name")!) is not { } stored)
        {
            Told(StoreEventType.Added, _objects.Cluster.TryCreate(_row.Store, wanted));
            return;
        }
        var tree = stored.ToTree();
        if (IsOf(stored, group) && !JsonNode.DeepEquals(tree["spec"], wanted["spec"]))
        {
            var before = tree.Copy();
            tree["spec"] = wanted["spec"]!.DeepClone();
            _objects.FieldManagement.Updated(_row, tree, before, WriteContext.Internal(Writer), null);
            Told(StoreEventType.Modified, _objects.Cluster.TryUpdate(_row.Store, stored, tree));
        }
    }

    private void Told(StoreEventType type, StoredObject? committed)
    {
        if (committed is not null)
        {
            _row.Strategy.Committed(type, committed);
        }
    }

    private void OnCommitted(StoreEventType type, StoredObject stored)
    {
        if (type != StoreEventType.Added && stored.Labels.TryGetValue(Managed, out var managed) && managed == "true")
        {
            Keep(stored.Name[(stored.Name.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        }
        if (type != StoreEventType.Deleted && stored.ToTree().At("spec", "service") is JsonObject service)
        {
            _forServices[stored.Name] = $"{service.Text("namespace")}/{service.Text("name")}";
            Tell(stored.Name);
        }
        else
        {
            _forServices.TryRemove(stored.Name, out _);
        }
    }

    /// <summary>A service, or its endpoints, came, changed or went.</summary>
    private void OnService(StoredObject value)
    {
        if (_forServices.IsEmpty)
        {
            return;
        }
        var key = $"{value.Namespace}/{value.Name}";
        foreach (var (named, service) in _forServices)
        {
            if (service == key)
            {
                Tell(named);
            }
        }
    }

    private void Tell(string name)
    {
        try
        {
            _ = _objects.Rewrite(_row, "", name, tree =>
            {
                if (tree.Metadata().ContainsKey("deletionTimestamp") || tree.At("spec", "service") is null)
                {
                    return;
                }
                var condition = ServiceReach.Look(_objects.Cluster, tree.Need("spec"), MetadataRules.Timestamp(_objects.Time.GetUtcNow()));
                if ((tree.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Available") is { } told)
                {
                    condition["lastTransitionTime"] = told.Text("status") == condition.Text("status") ? told["lastTransitionTime"]?.DeepClone() : condition["lastTransitionTime"]?.DeepClone();
                    if (JsonNode.DeepEquals(told, condition))
                    {
                        return;
                    }
                }
                var before = tree.Copy();
                tree.Need("status")["conditions"] = new JsonArray(condition);
                _objects.FieldManagement.Updated(_row, tree, before, WriteContext.Internal(Writer), "status");
            });
        }
        catch (ApiException)
        {
            // Gone, or changed meanwhile by somebody whose change comes by here, too.
        }
    }

    private static JsonObject New(string group, string version, int groupPriority, int versionPriority, string managed, DateTimeOffset time)
    {
        var now = MetadataRules.Timestamp(time);
        var (spec, fields) = (new JsonObject(), new JsonObject());
        foreach (var (field, value) in (ReadOnlySpan<(string, JsonNode)>)[("group", group), ("version", version), ("groupPriorityMinimum", groupPriority), ("versionPriority", versionPriority)])
        {
            if (field != "group" || group.Length > 0)
            {
                spec[field] = value;
                fields["f:" + field] = new JsonObject();
            }
        }
        return new JsonObject
        {
            ["kind"] = "APIService",
            ["apiVersion"] = "apiregistration.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{version}.{group}",
                ["uid"] = Guid.NewGuid().ToString(),
                ["creationTimestamp"] = now,
                ["labels"] = new JsonObject { [Managed] = managed },
                ["managedFields"] = new JsonArray(new JsonObject
                {
                    ["manager"] = Writer, ["operation"] = "Update", ["apiVersion"] = "apiregistration.k8s.io/v1", ["time"] = now, ["fieldsType"] = "FieldsV1",
                    ["fieldsV1"] = new JsonObject
                    {
                        ["f:metadata"] = new JsonObject { ["f:labels"] = new JsonObject { ["."] = new JsonObject(), ["f:" + Managed] = new JsonObject() } },
                        ["f:spec"] = fields,
                    },
                }),
            },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(ApiServiceStrategy.Local(now)) },
        };
    }
}
