using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Server-side apply to a scale. Who owns an object's replicas owns those of its scale, so an apply to the one conflicts with managers of the other; afterwards
/// the object's managers are what the scale's have become.
/// </summary>
internal static class ScaleApply
{
    private const string ScaleVersion = "autoscaling/v1";

    /// <summary>Lays a configuration of a Scale over an object; answers the object, managers included.</summary>
    /// <exception cref="ApiException">409: others hold the replicas; 400: the body is no Scale of this name.</exception>
    public static JsonObject Lay(FieldManagement managers, ApiResource row, JsonObject tree, JsonNode? body, WriteContext context, string name)
    {
        if (body is not JsonObject configuration)
        {
            throw Errors.BadRequest("error decoding YAML: the body is no object");
        }
        if (configuration.Text("kind") != "Scale" || configuration.Text("apiVersion") is not { Length: > 0 } version)
        {
            throw Errors.BadRequest($"invalid object type: {configuration.Text("apiVersion") ?? "/"}, Kind={configuration.Text("kind")}");
        }
        if (version != ScaleVersion)
        {
            throw Errors.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {ScaleVersion}");
        }
        configuration = configuration.Copy();
        configuration.Metadata().Default("name", name);
        var path = ScaleForm.ReplicasPath(row);
        var scale = ScaleForm.Of(row, tree);
        var before = tree.Metadata().List("managedFields").Objects().ToList();
        scale.Metadata()["managedFields"] = new JsonArray([.. before.Where(e => Holds(e, path)).Select(OnScale)]);
        var asked = configuration.Metadata().Text("resourceVersion");
        var applied = managers.ApplyScale(scale, configuration, context);
        var after = applied.Metadata().List("managedFields").Objects().ToList();
        if (string.IsNullOrEmpty(asked))
        {
            applied.Metadata().Remove("resourceVersion");
        }
        var result = ScaleForm.Put(row, tree, applied, name);
        result.Metadata()["managedFields"] = new JsonArray([.. Parents(row, before, after, path)]);
        return result;
    }

    private static IEnumerable<JsonNode> Parents(ApiResource row, List<JsonObject> before, List<JsonObject> after, string[] path)
    {
        foreach (var entry in before)
        {
            var copy = entry.Copy();
            if (Holds(entry, path) && after.RemoveAll(e => SameManager(e, entry) && Holds(e, ["spec", "replicas"])) == 0 && !ReleaseEntry(copy, path))
            {
                continue;
            }
            yield return copy;
        }
        foreach (var entry in after.Where(e => Holds(e, ["spec", "replicas"])))
        {
            // Times are the object's own managers'; who came by its scale has none there.
            entry.Remove("time");
            entry["apiVersion"] = row.ApiVersion;
            entry["fieldsV1"] = Fields(path);
            yield return entry.DeepClone();
        }
    }

    private static JsonObject OnScale(JsonObject entry)
    {
        var copy = entry.Copy();
        copy["apiVersion"] = ScaleVersion;
        copy["fieldsV1"] = Fields(["spec", "replicas"]);
        return copy;
    }

    private static JsonObject Fields(ReadOnlySpan<string> path) => path.Length == 0 ? [] : new JsonObject { ["f:" + path[0]] = Fields(path[1..]) };

    private static bool SameManager(JsonObject a, JsonObject b) =>
        a.Text("manager") == b.Text("manager") && a.Text("operation") == b.Text("operation") && a.Text("subresource") == b.Text("subresource");

    private static bool Holds(JsonObject entry, string[] path)
    {
        JsonNode? at = entry["fieldsV1"];
        foreach (var step in path)
        {
            at = at.At("f:" + step);
        }
        return at is not null;
    }

    /// <summary>Whether anybody holds the replicas.</summary>
    public static bool IsHeld(JsonObject metadata, string[] path) => metadata.List("managedFields").Objects().Any(e => Holds(e, path));

    /// <summary>Takes the replicas from all who hold them.</summary>
    public static void Release(JsonObject metadata, string[] path)
    {
        var entries = metadata.List("managedFields").Objects().Select(e => e.Copy()).ToList();
        entries.RemoveAll(e => Holds(e, path) && !ReleaseEntry(e, path));
        metadata["managedFields"] = new JsonArray([.. entries]);
    }

    /// <summary>Takes the replicas out of an entry; answers whether anything is left of it.</summary>
    private static bool ReleaseEntry(JsonObject entry, string[] path)
    {
        var fields = entry.Need("fieldsV1");
        Remove(fields, path);
        return fields.Count > 0;

        static void Remove(JsonObject fields, ReadOnlySpan<string> path)
        {
            if (path.Length > 1 && fields.Child("f:" + path[0]) is { } below)
            {
                Remove(below, path[1..]);
                if (below.Count > 0)
                {
                    return;
                }
            }
            fields.Remove("f:" + path[0]);
        }
    }
}
