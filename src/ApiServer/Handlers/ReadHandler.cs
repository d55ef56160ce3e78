using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>GET of one object and of lists, from snapshots: never waits for a writer.</summary>
internal sealed class ReadHandler(ClusterStore cluster, TimeProvider time)
{
    private static readonly TimeSpan TooLargeWait = TimeSpan.FromSeconds(3);

    public async Task GetAsync(Exchange exchange, ApiResource row, string? @namespace, string name)
    {
        var form = Accepted.ForObjects(exchange.Accept, row.Custom is null);
        var version = exchange.Query("resourceVersion");
        if (version is { Length: > 0 } and not "0")
        {
            if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
            {
                throw Errors.Unforeseen($"resourceVersion: Invalid value: {FieldErrors.Quote(version)}: strconv.ParseUint: parsing {FieldErrors.Quote(version)}: {(version.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}");
            }
            await WaitForAsync(asked, exchange.Aborted).ConfigureAwait(false);
        }
        var stored = row.Store.Current.Get(@namespace ?? "", name) ?? throw Errors.NotFound(row.GroupResource, name);
        await AnswerObjectAsync(exchange, row, form, 200, stored).ConfigureAwait(false);
    }

    /// <summary>Answers with one stored object in the form that was asked for.</summary>
    public async Task AnswerObjectAsync(Exchange exchange, ApiResource row, Accepted form, int code, StoredObject stored)
    {
        if (form is { Form: OutputForm.Object, Protobuf: true } && row.Conversion is null)
        {
            await exchange.Answer(code, ProtobufForm.Of(row, stored), ProtobufForm.MediaType).ConfigureAwait(false);
            return;
        }
        if (form.Form == OutputForm.Object && row.Conversion is null && !form.Yaml && !exchange.IsPretty)
        {
            await exchange.Answer(code, stored.Json, Exchange.JsonType).ConfigureAwait(false);
            return;
        }
        if (row.Conversion is { } conversion)
        {
            await conversion.PrepareAsync([stored], exchange.Aborted).ConfigureAwait(false);
        }
        await AnswerTreeAsync(exchange, row, form, code, ObjectService.View(row, stored)).ConfigureAwait(false);
    }

    public Task AnswerTreeAsync(Exchange exchange, ApiResource row, Accepted form, int code, JsonObject tree, TableColumns? columns = null)
    {
        switch (form.Form)
        {
            case OutputForm.Table:
                var meta = new JsonObject { ["resourceVersion"] = tree.TextAt("metadata", "resourceVersion") ?? "" };
                return AnswerAsync(exchange, form, code, ObjectForms.Table(row, [tree], meta, ObjectForms.IncludedIn(exchange), time, form.Version, columns: columns));
            case OutputForm.PartialMetadata:
                return AnswerAsync(exchange, form, code, ObjectForms.PartialMetadata(tree, form.Version));
            case OutputForm.PartialMetadataList when row.Custom is null:
                throw Errors.NotAcceptable($"you requested PartialObjectMetadataList, but the requested object is not a list (*{GoPackage(row)}.{row.Kind})");
            case OutputForm.PartialMetadataList:
                throw Errors.NotAcceptableTypes();
            default:
                return AnswerAsync(exchange, form, code, tree);
        }
    }

    /// <summary>Where Go keeps a kind's internal type.</summary>
    private static string GoPackage(ApiResource row) => row.Group switch
    {
        "" or "events.k8s.io" => "core",
        "rbac.authorization.k8s.io" => "rbac",
        "flowcontrol.apiserver.k8s.io" => "flowcontrol",
        var group => group.Split('.')[0],
    };

    private static Task AnswerAsync(Exchange exchange, Accepted form, int code, JsonObject tree) =>
        form.Protobuf && ProtobufForm.Of(tree) is { } bytes ? exchange.Answer(code, bytes, ProtobufForm.MediaType) :
        form.Yaml ? exchange.Answer(code, YamlForm.Of(tree), YamlForm.MediaType) : exchange.Answer(code, tree);

    public async Task ListAsync(Exchange exchange, ApiResource row, string? @namespace)
    {
        var form = Accepted.ForLists(exchange.Accept, row.Custom is null);
        if (form.Form == OutputForm.PartialMetadata)
        {
            throw row.Custom is null ? Errors.NotAcceptable($"you requested PartialObjectMetadata, but the requested object is a list (*{GoPackage(row)}.{row.ListKind})") : Errors.NotAcceptableTypes();
        }
        var query = ListQuery.Read(exchange, row, watch: false);
        var (snapshot, revision, after) = await SnapshotAsync(row, @namespace, query, exchange.Aborted).ConfigureAwait(false);
        // Any state that is at hand is given whole: a real server's cache knows no chunks.
        var limit = query.ResourceVersion == "0" && query.Continue is null && query.ResourceVersionMatch != "Exact" ? 0 : query.Limit;
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        var items = Page(snapshot, @namespace, after, query, limit, revision, metadata);
        if (row.Conversion is { } conversion)
        {
            await conversion.PrepareAsync(items, exchange.Aborted).ConfigureAwait(false);
        }
        switch (form.Form)
        {
            case OutputForm.Table:
                await AnswerAsync(exchange, form, 200, ObjectForms.Table(row, items.Select(i => ObjectService.View(row, i)), metadata,
                    ObjectForms.IncludedIn(exchange), time, form.Version)).ConfigureAwait(false);
                return;
            case OutputForm.PartialMetadataList:
                await AnswerAsync(exchange, form, 200, ObjectForms.PartialList([.. items.Select(i => ObjectService.View(row, i))], metadata, form.Version)).ConfigureAwait(false);
                return;
        }
        if (form.Protobuf)
        {
            await exchange.Answer(200, ProtobufForm.List(row, items, metadata), ProtobufForm.MediaType).ConfigureAwait(false);
            return;
        }
        if (form.Yaml)
        {
            await exchange.Answer(200, YamlForm.Of(JsonNode.Parse(ListBytes(row, items, metadata).Span)!), YamlForm.MediaType).ConfigureAwait(false);
            return;
        }
        if (exchange.IsPretty)
        {
            await exchange.Answer(200, JsonNode.Parse(ListBytes(row, items, metadata).Span)!).ConfigureAwait(false);
            return;
        }
        await exchange.Answer(200, ListBytes(row, items, metadata), Exchange.JsonType).ConfigureAwait(false);
    }

    /// <summary>What a list, or the deletion of one, is about: as much as it may be, with where it goes on in <paramref name="metadata"/>. A limit of 0 is none.</summary>
    public static List<StoredObject> Page(StoreSnapshot snapshot, string? @namespace, (string, string)? after, ListQuery query, long limit, long revision, JsonObject metadata)
    {
        var items = new List<StoredObject>();
        var remaining = 0L;
        foreach (var candidate in snapshot.Enumerate(@namespace, after))
        {
            if (limit <= 0 || items.Count < limit)
            {
                if (query.Selects(candidate))
                {
                    items.Add(candidate);
                }
                continue;
            }
            // Whether what follows is selected is not looked at before somebody asks for it.
            remaining++;
            if (!query.SelectsEverything)
            {
                break;
            }
        }
        if (remaining > 0)
        {
            metadata["continue"] = ContinueToken.After(revision, items[^1], @namespace).Encode();
            if (query.SelectsEverything)
            {
                metadata["remainingItemCount"] = remaining;
            }
        }
        return items;
    }

    private static void Untyped(JsonObject item)
    {
        item.Remove("kind");
        item.Remove("apiVersion");
    }

    /// <summary>A list put together from the stored bytes of its items.</summary>
    public static ReadOnlyMemory<byte> ListBytes(ApiResource row, IReadOnlyList<StoredObject> items, JsonObject metadata)
    {
        if (row.Custom is not null)
        {
            // Lists of custom objects always say where they go on, even nowhere.
            metadata.Default("continue", "");
        }
        var size = 256 + items.Sum(i => i.Json.Length + 1);
        var buffer = new ArrayBufferWriter<byte>(size);
        Raw(buffer, $"{{\"kind\":{FieldErrors.Quote(row.ListKind)},\"apiVersion\":{FieldErrors.Quote(row.ApiVersion)},\"metadata\":");
        buffer.Write(Json.Bytes(metadata));
        buffer.Write(",\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }
            WriteItem(buffer, row, items[i]);
        }
        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    private static void WriteItem(ArrayBufferWriter<byte> buffer, ApiResource row, StoredObject item)
    {
        if (row.Conversion is not null)
        {
            var tree = ObjectService.View(row, item);
            if (row.Custom is null)
            {
                Untyped(tree);
            }
            buffer.Write(Json.Bytes(tree));
        }
        else if (row.Custom is not null)
        {
            buffer.Write(item.Json.Span);
        }
        else
        {
            buffer.Write("{"u8);
            buffer.Write(item.Json.Span[item.TypeMetaEnd..]);
        }
    }

    private static void Raw(ArrayBufferWriter<byte> buffer, string text) => buffer.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>The state that a list shall show, its resourceVersion, and where to start in it.</summary>
    public async Task<(StoreSnapshot Snapshot, long Revision, (string, string)? After)> SnapshotAsync(ApiResource row, string? @namespace, ListQuery query, CancellationToken cancellation)
    {
        if (query.Continue is { } token)
        {
            var at = ContinueToken.Decode(token);
            if (query.ResourceVersion is not ("" or "0"))
            {
                throw Errors.BadRequest("specifying resource version is not allowed when using continue");
            }
            if (at.Revision < 0)
            {
                var (present, revision) = row.Store.Read();
                return (present, revision, at.Last(row, @namespace));
            }
            var state = row.Store.EventAt(at.Revision) ?? throw ExpiredToken(at);
            return (state.After, at.Revision, at.Last(row, @namespace));
        }
        var version = query.Version;
        if (version is null or 0)
        {
            var (snapshot, revision) = row.Store.Read();
            return (snapshot, revision, null);
        }
        if (query.IsExact)
        {
            if (version > cluster.Revision)
            {
                throw Errors.Unforeseen("etcdserver: mvcc: required revision is a future revision");
            }
            var state = row.Store.EventAt(version.Value) ?? throw Errors.Expired("The resourceVersion for the provided list is too old.");
            return (state.After, version.Value, null);
        }
        await WaitForAsync(version.Value, cancellation).ConfigureAwait(false);
        var (current, now) = row.Store.Read();
        return (current, now, null);
    }

    private static ApiException ExpiredToken(ContinueToken at)
    {
        var failure = Errors.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        failure.Status["metadata"] = new JsonObject { ["continue"] = (at with { Revision = ContinueToken.Present }).Encode() };
        return failure;
    }

    /// <summary>Waits a moment for a resourceVersion that is still ahead; then says so.</summary>
    public async Task WaitForAsync(long version, CancellationToken cancellation)
    {
        if (version <= cluster.Revision)
        {
            return;
        }
        using var limit = new CancellationTokenSource(TooLargeWait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await cluster.ReachedAsync(version, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Errors.TooLarge(version, cluster.Revision);
        }
    }
}
