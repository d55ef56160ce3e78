using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>POST, PUT, PATCH and DELETE of objects and collections.</summary>
internal sealed class WriteHandler(ObjectService objects, ReadHandler reads, Patcher patcher)
{
    public async Task CreateAsync(Exchange exchange, ApiResource row, string? @namespace)
    {
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var context = exchange.WriteContext();
        var duplicates = new List<string>();
        var tree = await BodyReader.ReadObjectAsync(exchange, row, duplicates).ConfigureAwait(false);
        var result = await objects.CreateAsync(row, @namespace, tree, context, duplicates).ConfigureAwait(false);
        await AnswerAsync(exchange, row, form, context, result).ConfigureAwait(false);
    }

    public async Task UpdateAsync(Exchange exchange, ApiResource row, string? @namespace, string name, string? subresource)
    {
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var context = exchange.WriteContext();
        var duplicates = new List<string>();
        var tree = await BodyReader.ReadObjectAsync(exchange, row, duplicates).ConfigureAwait(false);
        var result = await objects.ReplaceAsync(row, @namespace, name, tree, context, subresource, duplicates).ConfigureAwait(false);
        await AnswerAsync(exchange, row, form, context, result).ConfigureAwait(false);
    }

    public async Task PatchAsync(Exchange exchange, ApiResource row, string? @namespace, string name, string? subresource)
    {
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var context = exchange.WriteContext(Patcher.IsApply(exchange));
        var patch = await patcher.ReadAsync(exchange, row).ConfigureAwait(false);
        var result = await patcher.ApplyAsync(row, @namespace, name, patch, context, subresource).ConfigureAwait(false);
        await AnswerAsync(exchange, row, form, context, result).ConfigureAwait(false);
    }

    /// <summary>Refuses a patch that names nobody, once it is known to be one.</summary>
    public async Task PatchNamelessAsync(Exchange exchange, ApiResource row)
    {
        await patcher.ReadAsync(exchange, row).ConfigureAwait(false);
        throw Errors.BadRequest("name must be provided");
    }

    public Task AnswerAsync(Exchange exchange, ApiResource row, Accepted form, WriteContext context, WriteResult result)
    {
        exchange.Warn(context.Warnings);
        var code = result.Created ? 201 : 200;
        return result.Stored is { } stored
            ? reads.AnswerObjectAsync(exchange, row, form, code, stored)
            : reads.AnswerTreeAsync(exchange, row, form, code, result.Tree);
    }

    public async Task DeleteAsync(Exchange exchange, ApiResource row, string? @namespace, string name)
    {
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var options = await ReadDeleteOptionsAsync(exchange).ConfigureAwait(false);
        var context = exchange.DeleteContext(options.DryRun);
        var result = await objects.DeleteAsync(row, @namespace, name, options, context).ConfigureAwait(false);
        exchange.Warn(context.Warnings);
        if (result.Removed && !row.Strategy.ReturnsDeletedObject)
        {
            var details = Errors.Details(name, row.Group, row.Plural);
            details["uid"] = result.Tree.Metadata().Text("uid");
            await exchange.Answer(200, Errors.Success(details)).ConfigureAwait(false);
            return;
        }
        await reads.AnswerTreeAsync(exchange, row, form, !result.Removed && options.OrphanDependents == false ? 202 : 200, result.Tree).ConfigureAwait(false);
    }

    public async Task DeleteCollectionAsync(Exchange exchange, ApiResource row, string? @namespace)
    {
        var query = ListQuery.Read(exchange, row, watch: false, paged: true);
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var options = await ReadDeleteOptionsAsync(exchange).ConfigureAwait(false);
        // The answer is what was there: the list as it stood before anything of it was deleted.
        var (snapshot, revision, after) = await reads.SnapshotAsync(row, @namespace, query, exchange.Aborted).ConfigureAwait(false);
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        var found = ReadHandler.Page(snapshot, @namespace, after, query, query.Limit, revision, metadata);
        var deleted = new List<JsonObject>(found.Count);
        var context = exchange.DeleteContext(options.DryRun);
        foreach (var item in found)
        {
            deleted.Add(await ObjectService.ViewAsync(row, item, context).ConfigureAwait(false));
            try
            {
                await objects.DeleteAsync(row, item.Namespace, item.Name, options with { OfCollection = true }, context).ConfigureAwait(false);
            }
            catch (ApiException gone) when (gone.Code == 404)
            {
                // Somebody else deleted it meanwhile: that is what was asked for.
            }
        }
        exchange.Warn(context.Warnings);
        if (form.Form is OutputForm.Table or OutputForm.PartialMetadataList)
        {
            await exchange.Answer(200, form.Form == OutputForm.Table
                ? ObjectForms.Table(row, deleted, metadata, ObjectForms.IncludedIn(exchange), exchange.Time, form.Version)
                : ObjectForms.PartialList(deleted, metadata, form.Version)).ConfigureAwait(false);
            return;
        }
        if (row.Custom is not null)
        {
            // Lists of objects without a type say where they go on, even nowhere.
            metadata.Default("continue", "");
        }
        else
        {
            foreach (var tree in deleted)
            {
                tree.Remove("kind");
                tree.Remove("apiVersion");
            }
        }
        await exchange.Answer(200, new JsonObject
        {
            ["kind"] = row.ListKind,
            ["apiVersion"] = row.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. deleted]),
        }).ConfigureAwait(false);
    }

    private static async Task<DeleteOptions> ReadDeleteOptionsAsync(Exchange exchange)
    {
        var bytes = await BodyReader.ReadAsync(exchange).ConfigureAwait(false);
        JsonObject? body = null;
        if (bytes.Length > 0)
        {
            JsonNode? node;
            if (BodyReader.MediaType(exchange.Http.Request) is not (Exchange.JsonType or "application/yaml" or ActorKube.Models.KubeProtobuf.MediaType))
            {
                throw Errors.UnsupportedBody();
            }
            try
            {
                node = BodyReader.MediaType(exchange.Http.Request) switch
                {
                    "application/yaml" => BodyReader.ParseYaml(bytes),
                    ActorKube.Models.KubeProtobuf.MediaType => Json.Parse(BodyReader.FromProtobuf(bytes).Span),
                    _ => Json.Parse(bytes.Span),
                };
            }
            catch (JsonException wrong)
            {
                throw Errors.Unforeseen($"couldn't get version/kind; json parse error: {BodyReader.Why(bytes.Span, wrong)}");
            }
            body = node is null ? [] : node as JsonObject ?? throw Errors.Unforeseen($"couldn't get version/kind; json parse error: json: cannot unmarshal {BodyReader.Word(node)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
            if (body.Text("kind") is { Length: > 0 } kind and not "DeleteOptions")
            {
                throw Errors.Unforeseen($"no kind \"{kind}\" is registered for version \"{body.Text("apiVersion")}\" in scheme \"pkg/runtime/scheme.go:100\"");
            }
        }
        return DeleteOptions.Read(body, exchange);
    }
}
