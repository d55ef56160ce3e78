using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// <c>componentstatuses</c>: what a server says of the parts beside it, made up when it is asked. A store answers here as etcd does there; a scheduler and a controller manager are told as not listening where a
/// real server looks for them, for whatever does their work here does not listen there.
/// </summary>
internal static class ComponentStatuses
{
    private static readonly (string Name, string Status, string Message)[] All =
    [
        ("controller-manager", "False", Unreachable(10257)), ("scheduler", "False", Unreachable(10259)), ("etcd-0", "True", "ok"),
    ];

    private static string Unreachable(int port) => $"Get \"https://127.0.0.1:{port}/healthz\": dial tcp 127.0.0.1:{port}: connect: connection refused";

    public static bool Are(ApiResource row) => row is { Group: "", Plural: "componentstatuses" };

    /// <exception cref="ApiException">405: they can only be read; 500, as the real server has it: no such component.</exception>
    public static Task AnswerAsync(Exchange exchange, ApiResource row, string verb, string? name)
    {
        if (verb is not ("get" or "list" or "watch"))
        {
            throw Errors.MethodNotAllowed();
        }
        exchange.Warn(["v1 ComponentStatus is deprecated in v1.19+"]);
        if (verb == "watch")
        {
            throw Errors.Of(405, "MethodNotAllowed", "watch is not supported on resources of kind \"componentstatuses\"", Errors.Details(null, null, row.Plural));
        }
        if (name is null)
        {
            return ListAsync(exchange, row);
        }
        var form = Accepted.ForObjects(exchange.Accept, protobuf: true);
        var found = Array.Find(All, c => c.Name == name);
        if (found.Name is null)
        {
            throw Errors.Unforeseen($"Component not found: {name}");
        }
        var tree = New(row, found);
        return exchange.Answer(200, form.Form switch
        {
            OutputForm.Table => ObjectForms.Table(row, [tree], [], ObjectForms.IncludedIn(exchange), exchange.Time, form.Version),
            OutputForm.PartialMetadata => ObjectForms.PartialMetadata(tree, form.Version),
            OutputForm.Object => tree,
            _ => throw Errors.NotAcceptable($"you requested PartialObjectMetadataList, but the requested object is not a list (*core.{row.Kind})"),
        });
    }

    private static Task ListAsync(Exchange exchange, ApiResource row)
    {
        var form = Accepted.ForLists(exchange.Accept, protobuf: true);
        if (form.Form == OutputForm.PartialMetadata)
        {
            throw Errors.NotAcceptable($"you requested PartialObjectMetadata, but the requested object is a list (*core.{row.ListKind})");
        }
        var query = ListQuery.Read(exchange, row, watch: false);
        List<JsonObject> items = [.. All.Where(c => query.Labels.Matches(StoredObject.EmptyFields) && query.Fields.Matches(f => f == "metadata.name" ? c.Name : "")).Select(c => New(row, c))];
        switch (form.Form)
        {
            case OutputForm.Table:
                return exchange.Answer(200, ObjectForms.Table(row, items, [], ObjectForms.IncludedIn(exchange), exchange.Time, form.Version));
            case OutputForm.PartialMetadataList:
                return exchange.Answer(200, ObjectForms.PartialList(items, [], form.Version));
        }
        foreach (var item in items)
        {
            item.Remove("kind");
            item.Remove("apiVersion");
        }
        return exchange.Answer(200, new JsonObject { ["kind"] = row.ListKind, ["apiVersion"] = row.ApiVersion, ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. items]) });
    }

    private static JsonObject New(ApiResource row, (string Name, string Status, string Message) component) => new()
    {
        ["kind"] = row.Kind,
        ["apiVersion"] = row.ApiVersion,
        ["metadata"] = new JsonObject { ["name"] = component.Name, ["creationTimestamp"] = null },
        ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Healthy", ["status"] = component.Status, ["message"] = component.Message }),
    };
}
