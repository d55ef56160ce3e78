using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Reading bodies as their kind.</summary>
internal sealed partial class ObjectService
{
    /// <summary>Leaves out what the kind does not know, and says so by the field validation that was asked for.</summary>
    /// <param name="row">The kind it is to be.</param>
    /// <param name="tree">The body, which is changed.</param>
    /// <param name="context">Says what happens to problems, and gets the warnings.</param>
    /// <param name="before">Problems that were found before.</param>
    /// <param name="sorted">The body was put together from maps, which a real server writes by their keys: so its reader comes by what it does not know.</param>
    public static void Decode(ApiResource row, JsonObject tree, WriteContext context, IEnumerable<string>? before = null, bool sorted = false)
    {
        tree["apiVersion"] = row.ApiVersion;
        tree["kind"] = row.Kind;
        var unknown = new List<string>();
        if (tree["metadata"] is JsonObject meta && meta["managedFields"] is JsonArray { Count: 0 })
        {
            // An empty list takes all managers away, as one with an empty entry does.
            meta["managedFields"] = new JsonArray(new JsonObject());
        }
        if (row.Custom is { } custom)
        {
            DecodeMetadata(row, tree, unknown);
            if (custom is { Schema: { } shape, PreserveUnknownFields: false })
            {
                Structural.Prune(tree, shape, unknown);
                Structural.DropNulls(tree, shape);
                EmbeddedResources.Coerce(tree, shape, row, unknown);
            }
        }
        else if (row.Schema() is { } schema)
        {
            TypedDecoder.Decode(tree, schema, row.Version, row.Kind, unknown);
            if (sorted)
            {
                unknown.Sort(StringComparer.Ordinal);
            }
        }
        // The reader of built-in kinds stops noting after so many mistakes.
        var problems = (before ?? []).Concat(unknown.Select(u => $"unknown field {WarningHeaders.Quote(u)}"));
        Report(row, [.. row.Custom is null ? problems.Take(Json.MostProblems) : problems], context);
    }

    /// <summary>Lists that Go's types always write come back from storage as null where nothing stands in them.</summary>
    private static void SettleLists(ApiResource row, JsonObject tree)
    {
        if (row.Custom is not null || row.Schema() is not { } schema)
        {
            return;
        }
        Settle(tree, schema);
        if (tree.Child("spec") is { } spec && schema.Properties.TryGetValue("spec", out var field))
        {
            Settle(spec, field);
        }

        static void Settle(JsonObject item, Schema shape)
        {
            foreach (var name in shape.Always.Concat(shape.Required))
            {
                if (item[name] is JsonArray { Count: 0 })
                {
                    item[name] = null;
                }
            }
        }
    }

    private static void DecodeMetadata(ApiResource row, JsonObject tree, List<string> unknown)
    {
        if (tree["metadata"] is not { } given)
        {
            return;
        }
        if (given is not JsonObject metadata)
        {
            throw Errors.BadRequest($"{row.Kind} in version \"{row.Version}\" cannot be handled as a {row.Kind}: json: cannot unmarshal {TypedDecoder.GoKind(given)} into Go value of type v1.ObjectMeta");
        }
        var found = new List<string>();
        TypedDecoder.Decode(metadata, BuiltInSchemas.Definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), row.Version, row.Kind, found, "ObjectMeta");
        unknown.AddRange(found.Select(f => "metadata." + f));
    }

    /// <summary>Warns of, or refuses, what was found in a body that should not be there.</summary>
    public static void Report(ApiResource row, List<string> problems, WriteContext context) => Report(row.Kind, row.Version, problems, context);

    /// <summary>As above, for a body whose kind is not its resource's.</summary>
    public static void Report(string kind, string version, List<string> problems, WriteContext context)
    {
        if (problems.Count == 0 || context.FieldValidation == "Ignore")
        {
            return;
        }
        if (context.FieldValidation == "Strict")
        {
            // What YAML says twice is told as the one mistake of its reader.
            var yaml = problems.TakeWhile(p => p.StartsWith("line ", StringComparison.Ordinal)).ToList();
            var what = string.Join(", ", yaml.Count == 0 ? problems : problems.Skip(yaml.Count).Prepend("yaml: unmarshal errors:" + string.Concat(yaml.Select(p => "\n  " + p))));
            throw Errors.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: {what}");
        }
        context.Warnings.AddRange(problems);
    }
}
