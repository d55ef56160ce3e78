using System.Buffers;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The forms that an object can be answered in, beside itself: a row of a Table, or its metadata alone.</summary>
internal static class ObjectForms
{
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    public static JsonObject PartialMetadata(JsonObject tree, string version = "v1")
    {
        var metadata = (tree["metadata"] as JsonObject)?.Copy() ?? [];
        // A daemon set counts its templates in an annotation of its versions, which the form that metadata is taken from does not have.
        if (metadata.Child("annotations") is { } annotations && annotations.ContainsKey(TemplateGeneration) && tree.Text("kind") == "DaemonSet")
        {
            annotations.Remove(TemplateGeneration);
            metadata.DropEmpty("annotations");
        }
        return new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = $"meta.k8s.io/{version}", ["metadata"] = metadata };
    }

    /// <summary>The metadata of several objects; nothing of nobody, as Go has it.</summary>
    public static JsonObject PartialList(IReadOnlyCollection<JsonObject> trees, JsonObject metadata, string version) => new()
    {
        ["kind"] = "PartialObjectMetadataList",
        ["apiVersion"] = $"meta.k8s.io/{version}",
        ["metadata"] = metadata,
        ["items"] = trees.Count == 0 ? null : new JsonArray([.. trees.Select(t => PartialMetadata(t, version))]),
    };

    public static JsonObject Table(ApiResource row, IEnumerable<JsonObject> trees, JsonObject listMetadata, string includeObject, TimeProvider time, string version, bool headers = true, TableColumns? columns = null)
    {
        columns ??= row.Columns;
        var rows = new JsonArray();
        foreach (var tree in columns.Order is { } order ? trees.Order(Comparer<JsonObject>.Create(order)) : trees)
        {
            rows.Add(Row(row, columns, tree, includeObject, time, version));
        }
        var table = new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = $"meta.k8s.io/{version}",
            ["metadata"] = listMetadata,
            ["columnDefinitions"] = headers ? Headers(columns) : null,
            ["rows"] = rows.Count == 0 && columns.NullWithoutRows ? null : rows,
        };
        return table;
    }

    private static JsonArray Headers(TableColumns columns)
    {
        var headers = new JsonArray();
        foreach (var column in columns.All)
        {
            headers.Add(new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["format"] = column.Format,
                ["description"] = column.Description,
                ["priority"] = column.Priority,
            });
        }
        return headers;
    }

    /// <summary>How much of the object each row of a table is to carry.</summary>
    /// <exception cref="ApiException">400: no such measure.</exception>
    public static string IncludedIn(Exchange exchange) => exchange.Query("includeObject") switch
    {
        null or "" => "Metadata",
        "None" or "Metadata" or "Object" => exchange.Query("includeObject")!,
        var other => throw Errors.BadRequest($"Unable to convert to Table as requested: includeObject: Invalid value: {FieldErrors.Quote(other)}: must be 'Metadata', 'Object', 'None', or empty"),
    };

    private static JsonObject Row(ApiResource row, TableColumns columns, JsonObject tree, string includeObject, TimeProvider time, string version)
    {
        var cells = new JsonArray();
        foreach (var column in columns.All)
        {
            cells.Add(column.Cell(tree, time));
        }
        var result = new JsonObject { ["cells"] = cells };
        if (row is { Group: "", Plural: "pods" } && tree.TextAt("status", "phase") is { } phase && (phase is "Succeeded" or "Failed"))
        {
            result["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Completed", ["status"] = "True", ["reason"] = phase, ["message"] = phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed.",
            });
        }
        result["object"] = includeObject switch
        {
            "None" => null,
            "Object" => tree.Copy(),
            _ => PartialMetadata(tree, version),
        };
        return result;
    }
}
