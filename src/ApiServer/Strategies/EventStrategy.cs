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
            foreach (var field in (string[])["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "eventTime"])
            {
                tree.TryAdd(field, null);
            }
            tree.Need("deprecatedSource");
            tree.Need("regarding");
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

    /// <summary>What holds for metadata in general is all that the older form's is held to; the newer one's is checked as of any kind.</summary>
    public override NameRule Names => NameRule.PathSegment;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (0, 0);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var isNew = IsNew(tree);
        Old(tree, isNew, errors);
        if (!isNew)
        {
            return;
        }
        if (tree.Metadata().Text("name") is not { Length: > 0 } name)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else
        {
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, name))
            {
                errors.Invalid("metadata.name", name, problem);
            }
        }
        Series(tree, errors);
        if (string.IsNullOrEmpty(tree.Text("eventTime")))
        {
            errors.Required("eventTime");
        }
        if (tree.Text("type") is not ("Normal" or "Warning") and var type)
        {
            errors.Invalid("type", "", "has invalid value: " + type);
        }
        foreach (var (field, told) in ((string, string)[])[("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count")])
        {
            if (tree[field] is { } set && set.AsLong() != 0)
            {
                errors.Invalid(told, "", "needs to be unset");
            }
        }
        if (tree.Child("deprecatedSource") is { Count: > 0 })
        {
            errors.Invalid("source", "", "needs to be unset");
        }
    }

    private static void Series(JsonObject tree, FieldErrors errors)
    {
        if (tree.Child("series") is not { } series)
        {
            return;
        }
        if (series["count"].AsLong() is not >= 2)
        {
            errors.Invalid("series.count", "", "should be at least 2");
        }
        if (string.IsNullOrEmpty(series.Text("lastObservedTime")))
        {
            errors.Required("series.lastObservedTime");
        }
    }

    /// <summary>What holds for every event: where it stands, and, if it says when it was, who reports what.</summary>
    private static void Old(JsonObject tree, bool isNew, FieldErrors errors)
    {
        var space = tree.Metadata().Text("namespace") ?? "";
        var involved = tree.TextAt(isNew ? "regarding" : "involvedObject", "namespace") ?? "";
        var timed = tree.Text("eventTime") is { Length: > 0 };
        // Events of cluster-scoped objects stand in a namespace of the cluster's own and name none.
        if (timed ? involved.Length == 0 && space is not ("default" or "kube-system") : involved.Length == 0 ? space != "default" : involved != space)
        {
            errors.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        }
        if (!timed)
        {
            return;
        }
        var reporter = isNew ? "reportingController" : "reportingComponent";
        var controller = tree.Text(reporter) ?? "";
        if (controller.Length == 0)
        {
            errors.Required(reporter);
        }
        foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(controller))
        {
            errors.Invalid(reporter, controller, problem);
        }
        foreach (var field in (string[])["reportingInstance", "action", "reason"])
        {
            if (tree.Text(field) is not { Length: > 0 } value)
            {
                errors.Required(field);
            }
            else if (value.Length > 128)
            {
                errors.Invalid(field, "", "can have at most 128 characters");
            }
        }
        if (tree.Text(isNew ? "note" : "message") is { Length: > 1024 })
        {
            errors.Invalid("message", "", "can have at most 1024 characters");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var isNew = IsNew(tree);
        Old(tree, isNew, errors);
        if (!isNew)
        {
            return;
        }
        MetadataRules.Again(tree.Metadata(), errors);
        if (!JsonNode.DeepEquals(tree["series"], old["series"]))
        {
            Series(tree, errors);
        }
        foreach (var (field, name) in ((string, string)[])
            [
                ("regarding", "involvedObject"), ("reason", "reason"), ("note", "message"), ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
                ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"), ("reason", "reason"), ("type", "type"), ("eventTime", "eventTime"), ("action", "action"),
                ("related", "related"), ("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"),
            ])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Invalid(name, tree[field]?.DeepClone(), "field is immutable");
            }
        }
    }
}
