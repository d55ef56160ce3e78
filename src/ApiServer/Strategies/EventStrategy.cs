using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Events of both groups. The newer form insists on who reports and what was done; the older one takes nearly anything.</summary>
internal sealed class EventStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void Default(JsonObject tree)
    {
        if (IsNew(tree))
        {
            tree.TryAdd("eventTime", null);
            return;
        }
        Core(tree);
    }

    /// <summary>What Go's type of the core group writes whatever stands in it.</summary>
    public static void Core(JsonObject tree)
    {
        tree.Need("involvedObject");
        tree.Need("source");
        foreach (var field in (string[])["firstTimestamp", "lastTimestamp", "eventTime"])
        {
            tree.TryAdd(field, null);
        }
        tree.Default("reportingComponent", "");
        tree.Default("reportingInstance", "");
    }

    private static bool IsNew(JsonObject tree) => tree.Text("apiVersion") == "events.k8s.io/v1";

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var space = tree.Metadata().Text("namespace") ?? "";
        var target = IsNew(tree) ? "regarding" : "involvedObject";
        var involved = tree.TextAt(target, "namespace") ?? "";
        // Events of cluster-scoped objects stand in the default namespace and name none.
        if (involved != space && (involved.Length > 0 || space is not ("default" or "kube-system")))
        {
            errors.Invalid($"{target}.namespace", involved, "does not match event.namespace");
        }
        if (!IsNew(tree))
        {
            return;
        }
        if (string.IsNullOrEmpty(tree.Text("eventTime")))
        {
            errors.Required("eventTime");
        }
        if (tree.Text("reportingController") is not { Length: > 0 } controller)
        {
            errors.Required("reportingController");
        }
        else
        {
            foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(controller))
            {
                errors.Invalid("reportingController", controller, problem);
            }
        }
        foreach (var (field, longest) in ((string, int)[])[("reportingInstance", 128), ("action", 128), ("reason", 128)])
        {
            if (tree.Text(field) is not { Length: > 0 } value)
            {
                errors.Required(field);
            }
            else if (value.Length > longest)
            {
                errors.Invalid(field, value, $"can have at most {longest} characters");
            }
        }
        if (tree.Text("note") is { Length: > 1024 } note)
        {
            errors.Invalid("note", note, "can have at most 1024 characters");
        }
        if (tree.Text("type") is not ("Normal" or "Warning") and var type)
        {
            errors.Invalid("type", type ?? "", "has invalid value: " + type);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (!IsNew(tree))
        {
            return;
        }
        foreach (var field in (string[])["regarding", "reason", "action", "reportingController", "reportingInstance", "related", "note", "type"])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Invalid(field, tree[field]?.DeepClone(), "field is immutable");
            }
        }
    }
}
