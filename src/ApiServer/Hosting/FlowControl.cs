using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// The flow schemas and priority levels that a cluster begins with (<c>bootstrap-flows.json</c>), and what a kube-apiserver's controllers do to such objects: those of the beginning come back when they are deleted
/// or changed (there within a minute, here at once), and each schema says whether its level is there. Nothing waits by them: an embedded server answers everybody at once.
/// </summary>
internal sealed class FlowControl
{
    private const string Group = "flowcontrol.apiserver.k8s.io";
    private const string ApiVersion = Group + "/v1";
    private const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";
    private const string Producer = "api-priority-and-fairness-config-producer-v1";
    private const string Consumer = "api-priority-and-fairness-config-consumer-v1";
    private const string Schema = "FlowSchema";
    private const string Level = "PriorityLevelConfiguration";

    private static readonly Lazy<JsonElement> All = new(() => JsonDocument.Parse(BuiltInSchemas.Resource("bootstrap-flows.json")).RootElement);
    private static readonly WriteContext Conditions = new() { FieldManager = Consumer, Force = true, FieldValidation = "Ignore", Applied = true };

    /// <summary>How many of each kind there are: known without reading them, for a server is made more often than it is asked for them.</summary>
    private const int Schemas = 13;
    private const int Levels = 8;

    /// <summary>Go's structs that are no pointers: their fields are managed, they themselves are not.</summary>
    private static readonly HashSet<string> Structs = ["priorityLevelConfiguration", "limitResponse"];

    private readonly ObjectService _objects;
    private readonly Patcher _patcher;
    private readonly ApiResource _schemas;
    private readonly ApiResource _levels;

    public FlowControl(ObjectService objects, Patcher patcher)
    {
        (_objects, _patcher) = (objects, patcher);
        _schemas = objects.Table.Current.Find(Group, "v1", "flowschemas")!;
        _levels = objects.Table.Current.Find(Group, "v1", "prioritylevelconfigurations")!;
        ((FlowSchemaStrategy)_schemas.Strategy).OnCommitted = OnSchema;
        ((PriorityLevelStrategy)_levels.Strategy).OnCommitted = OnLevel;
    }

    public void Begin()
    {
        var now = MetadataRules.Timestamp(_objects.Time.GetUtcNow());
        _objects.Cluster.Begin(_levels.Store, Levels, () => [.. OfKind(Level).Select(e => New(e, now))]);
        _objects.Cluster.Begin(_schemas.Store, Schemas, () => [.. OfKind(Schema).Select(e => New(e, now))]);
    }

    private void OnLevel(StoreEventType type, StoredObject stored)
    {
        if (Restored(_levels, type, stored) || type == StoreEventType.Modified)
        {
            return;
        }
        foreach (var schema in _schemas.Store.Current.Enumerate(null).ToList())
        {
            Tell(schema);
        }
    }

    private void OnSchema(StoreEventType type, StoredObject stored)
    {
        if (!Restored(_schemas, type, stored) && type != StoreEventType.Deleted)
        {
            Tell(stored);
        }
    }

    /// <summary>Puts right what the cluster began with; answers whether that made a change, which comes by here by itself.</summary>
    private bool Restored(ApiResource row, StoreEventType type, StoredObject stored)
    {
        if (OfKind(row.Kind).FirstOrDefault(e => e.GetProperty("name").GetString() == stored.Name) is not { ValueKind: JsonValueKind.Object } element)
        {
            return false;
        }
        var spec = JsonObject.Create(element.GetProperty("spec"))!;
        if (type == StoreEventType.Deleted)
        {
            return _objects.CreateOwn(row, null, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = stored.Name, ["annotations"] = new JsonObject { [AutoUpdate] = "true" } }, ["spec"] = spec,
            }, WriteContext.Internal(Producer)) is not null;
        }
        var tree = stored.ToTree();
        if (tree.Metadata().Child("annotations")?.Text(AutoUpdate) != "true" || JsonNode.DeepEquals(tree["spec"], spec))
        {
            return false;
        }
        try
        {
            _objects.ChangeOwn(row, stored.Name, now =>
            {
                now["spec"] = spec.Copy();
                return now;
            }, WriteContext.Internal(Producer));
            return true;
        }
        catch (ApiException)
        {
            // Gone meanwhile: that comes by here, too.
            return true;
        }
    }

    /// <summary>Says in a schema's status whether the level that it names is there.</summary>
    private void Tell(StoredObject stored)
    {
        var tree = stored.ToTree();
        var level = tree.TextAt("spec", "priorityLevelConfiguration", "name") ?? "";
        var found = _levels.Store.Current.Get("", level) is not null;
        var condition = Dangling(level, found, MetadataRules.Timestamp(_objects.Time.GetUtcNow()));
        var before = (tree.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Dangling");
        if (before is not null && before.Text("status") == condition.Text("status"))
        {
            if (before.Text("message") == condition.Text("message"))
            {
                return;
            }
            condition["lastTransitionTime"] = before["lastTransitionTime"]?.DeepClone();
        }
        var configuration = new JsonObject
        {
            ["apiVersion"] = ApiVersion, ["kind"] = Schema, ["metadata"] = new JsonObject { ["name"] = stored.Name }, ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        };
        try
        {
            _patcher.ApplyOwn(_schemas, stored.Name, configuration, Conditions, "status");
        }
        catch (ApiException)
        {
            // Gone or changed meanwhile: that comes by here, too.
        }
    }

    private static JsonObject Dangling(string level, bool found, string now) => new()
    {
        ["type"] = "Dangling",
        ["status"] = found ? "False" : "True",
        ["lastTransitionTime"] = now,
        ["reason"] = found ? "Found" : "NotFound",
        ["message"] = $"This FlowSchema references the PriorityLevelConfiguration object named {FieldErrors.Quote(level)} {(found ? "and it exists" : "but there is no such object")}",
    };

    private static IEnumerable<JsonElement> OfKind(string kind) => All.Value.EnumerateArray().Where(e => e.GetProperty("kind").GetString() == kind);

    private static JsonObject New(JsonElement element, string now)
    {
        var (kind, spec) = (element.GetProperty("kind").GetString()!, JsonObject.Create(element.GetProperty("spec"))!.Copy());
        var managers = new JsonArray(Entry(Producer, "Update", new JsonObject
        {
            ["f:metadata"] = new JsonObject { ["f:annotations"] = new JsonObject { ["."] = new JsonObject(), ["f:" + AutoUpdate] = new JsonObject() } },
            ["f:spec"] = Fields(spec, whole: false),
        }, now));
        var status = new JsonObject();
        if (kind == Schema)
        {
            var condition = Dangling(spec.TextAt("priorityLevelConfiguration", "name")!, found: true, now);
            status["conditions"] = new JsonArray(condition);
            var applied = Entry(Consumer, "Apply", new JsonObject
            {
                ["f:status"] = new JsonObject { ["f:conditions"] = new JsonObject { ["k:{\"type\":\"Dangling\"}"] = Fields(condition, whole: true) } },
            }, now);
            applied["subresource"] = "status";
            managers.Insert(0, applied);
        }
        return new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = ApiVersion,
            ["metadata"] = new JsonObject
            {
                ["name"] = element.GetProperty("name").GetString(),
                ["uid"] = Guid.NewGuid().ToString(),
                ["generation"] = 1,
                ["creationTimestamp"] = now,
                ["annotations"] = new JsonObject { [AutoUpdate] = "true" },
                ["managedFields"] = managers,
            },
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    private static JsonObject Entry(string manager, string operation, JsonObject fields, string now) => new()
    {
        ["manager"] = manager, ["operation"] = operation, ["apiVersion"] = ApiVersion, ["time"] = now, ["fieldsType"] = "FieldsV1", ["fieldsV1"] = fields,
    };

    private static JsonObject Fields(JsonObject part, bool whole)
    {
        var fields = new JsonObject();
        if (whole)
        {
            fields["."] = new JsonObject();
        }
        foreach (var (name, value) in part.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            fields["f:" + name] = value is JsonObject inner ? Fields(inner, !Structs.Contains(name)) : new JsonObject();
        }
        return fields;
    }
}
