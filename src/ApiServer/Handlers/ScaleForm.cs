using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>An object seen as <c>autoscaling/v1 Scale</c>.</summary>
internal static class ScaleForm
{
    /// <summary>How a Scale is told as a Table.</summary>
    public static TableColumns Columns { get; } = new(
        TableColumns.Name with { Format = "" },
        new TableColumn("Desired", "integer", static (o, _) => o.At("spec", "replicas")?.DeepClone() ?? 0),
        new TableColumn("Available", "integer", static (o, _) => o.At("status", "replicas")?.DeepClone() ?? 0),
        TableColumns.Age);

    /// <summary>How the Scale of a custom resource is told.</summary>
    public static TableColumns CustomColumns { get; } = new(
        TableColumns.Name,
        Columns.All[1],
        Columns.All[2],
        TableColumns.Age with { Type = "date" });

    private static readonly ScalePaths BuiltIn = new(["spec", "replicas"], ["status", "replicas"], null);

    /// <summary>Where an object of this kind says how many it wants.</summary>
    public static string[] ReplicasPath(ApiResource row) => (row.Custom?.Scale ?? BuiltIn).SpecReplicas;

    /// <summary>The object as a Scale.</summary>
    /// <param name="row">Its kind.</param>
    /// <param name="tree">The object.</param>
    /// <param name="forWriting">A number of replicas that is not there yet is about to be given.</param>
    /// <exception cref="ApiException">500: a custom object that does not say how many it wants.</exception>
    public static JsonObject Of(ApiResource row, JsonObject tree, bool forWriting = false)
    {
        var paths = row.Custom?.Scale ?? BuiltIn;
        if (row.Custom is not null && !forWriting && tree.At(paths.SpecReplicas) is null)
        {
            throw Errors.Internal($"the spec replicas field \".{string.Join('.', paths.SpecReplicas)}\" does not exist");
        }
        var meta = tree.Metadata();
        var scaleMeta = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (meta[field] is { } value)
            {
                scaleMeta[field] = value.DeepClone();
            }
        }
        var spec = new JsonObject();
        if (tree.At(paths.SpecReplicas).AsLong() is not (null or 0) and var replicas)
        {
            spec["replicas"] = replicas;
        }
        var status = new JsonObject { ["replicas"] = tree.At(paths.StatusReplicas).AsLong() ?? 0 };
        var selector = row.Custom is null ? Selector(tree) : paths.LabelSelector is { } path ? tree.TextAt(path) : null;
        if (!string.IsNullOrEmpty(selector))
        {
            status["selector"] = selector;
        }
        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = scaleMeta, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>Whose scale is not there: every kind of Kubernetes' says it in its own words.</summary>
    public static ApiException NotFound(ApiResource row, string name, string verb) => (verb, row.Group, row.Plural) switch
    {
        ("get", "", "replicationcontrollers") => Errors.NotFound(new GroupResource("autoscaling", row.Plural), name, "scale"),
        ("get", "apps", "deployments" or "replicasets") => Errors.NotFound(row.GroupResource, name, "scale"),
        _ => Errors.NotFound(row.GroupResource, name),
    };

    /// <summary>Writes a Scale's wish into the object.</summary>
    public static JsonObject Put(ApiResource row, JsonObject tree, JsonObject scale, string name)
    {
        var paths = row.Custom?.Scale ?? BuiltIn;
        var replicas = scale.LongAt("spec", "replicas") ?? 0;
        if (replicas < 0)
        {
            var errors = new FieldErrors();
            // A custom resource's own path is what is wrong there; elsewhere the Scale is.
            errors.Invalid(row.Custom is null ? "spec.replicas" : "." + string.Join('.', paths.SpecReplicas), replicas,
                row.Custom is null ? "must be greater than or equal to 0" : "should be a non-negative integer");
            throw row.Custom is null ? Errors.Invalid("autoscaling", "Scale", name, errors) : Errors.Invalid(row.Group, row.Kind, name, errors);
        }
        if (scale.TextAt("metadata", "name") is { Length: > 0 } named && named != name)
        {
            throw Errors.BadRequest($"the name of the object ({named}) does not match the name on the URL ({name})");
        }
        var at = tree;
        foreach (var step in paths.SpecReplicas.AsSpan(0, paths.SpecReplicas.Length - 1))
        {
            at = at.Need(step);
        }
        at[paths.SpecReplicas[^1]] = replicas;
        var version = scale.TextAt("metadata", "resourceVersion");
        if (version is { Length: > 0 })
        {
            tree.Metadata()["resourceVersion"] = version;
        }
        else
        {
            tree.Metadata().Remove("resourceVersion");
        }
        return tree;
    }

    private static string? Selector(JsonObject tree)
    {
        if (tree.At("spec", "selector") is not JsonObject selector)
        {
            return null;
        }
        return BuiltInColumns.Selector(tree.Text("kind") == "ReplicationController" ? new JsonObject { ["matchLabels"] = selector.DeepClone() } : selector, "");
    }
}
