using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>
/// Watches: a cursor in the store's history, walked at the speed at which the client reads. Nothing is buffered for a watcher but what
/// the history keeps anyway; one that falls behind the horizon is cut.
/// </summary>
internal sealed class WatchHandler(ClusterStore cluster, ReadHandler reads, FaultInjector faults, TimeProvider time, TimeSpan bookmarkPeriod, CancellationToken stopping)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);
    private static readonly TimeSpan MinimumTimeout = TimeSpan.FromMinutes(30);

    public async Task WatchAsync(Exchange exchange, ApiResource row, string? @namespace, string? name)
    {
        var query = ListQuery.Read(exchange, row, watch: true, name);
        // The end of a streamed list carries an empty list in the form that is asked for, and no list is a Table of rows.
        var form = Accepted.ForLists(exchange.Accept, row.Custom is null, tables: !(query.SendInitialEvents == true && query.AllowWatchBookmarks));
        if (form.Yaml)
        {
            throw Errors.NotAcceptable("only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch");
        }
        var version = query.Version;
        var initial = query.SendInitialEvents ?? version is null or 0;
        var timeout = query.TimeoutSeconds is > 0 and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : MinimumTimeout + TimeSpan.FromSeconds(Random.Shared.Next((int)MinimumTimeout.TotalSeconds));
        StoreEvent start;
        ApiException? expired = null;
        if (version is > 0 && query.SendInitialEvents == true)
        {
            try
            {
                await reads.WaitForAsync(version.Value, exchange.Aborted).ConfigureAwait(false);
            }
            catch (ApiException ahead)
            {
                // A state that does not come is told as an event, to which the client has its watch.
                expired = ahead;
            }
        }
        if (initial || version is null or 0)
        {
            start = row.Store.Tail;
        }
        else
        {
            start = row.Store.EventAt(version.Value) ?? row.Store.Tail;
            if (row.Store.EventAt(version.Value) is null)
            {
                expired ??= Errors.TooOld(version.Value, row.Store.OldestRevision);
            }
        }
        var (_, revision) = row.Store.Read();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, stopping);
        using var cursor = row.Store.Follow(start, () => exchange.Http.Abort());
        using var fault = faults.Watching(new FaultTarget("watch", row.Group, row.Plural, @namespace, name), ended);
        var writer = new WatchWriter(exchange, row, form, time, @namespace, query);
        await writer.StartAsync().ConfigureAwait(false);
        // No event's object is a list of metadata: a real server ends such a watch without a word at the first.
        if (query.TimeoutSeconds < 0 || form.Form == OutputForm.PartialMetadataList)
        {
            return;
        }
        try
        {
            if (expired is not null)
            {
                await writer.ErrorAsync(expired).ConfigureAwait(false);
                return;
            }
            if (initial)
            {
                if (row.Conversion is { } conversion)
                {
                    await conversion.PrepareAsync([.. start.After.Enumerate(@namespace).Where(query.Selects)], ended.Token).ConfigureAwait(false);
                }
                foreach (var item in start.After.Enumerate(@namespace))
                {
                    if (query.Selects(item))
                    {
                        writer.Event("ADDED"u8, item);
                        await writer.FlushIfLargeAsync(ended.Token).ConfigureAwait(false);
                    }
                }
                if (query.SendInitialEvents == true && query.AllowWatchBookmarks)
                {
                    writer.Bookmark(Math.Max(revision, start.Revision), initialEventsEnd: true);
                }
                await writer.FlushAsync(ended.Token).ConfigureAwait(false);
            }
            await FollowAsync(row, cursor, writer, query, initial ? 0 : version ?? 0, timeout, ended.Token).ConfigureAwait(false);
            if (fault.Failure is { } failure)
            {
                await writer.ErrorAsync(failure).ConfigureAwait(false);
            }
        }
        catch (ApiException failure)
        {
            // The answer has begun: what goes wrong now, such as a conversion, is told as an event.
            await writer.ErrorAsync(failure).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left, the server stops, or a fault rule cut the stream: a watch ends then, without a word.
            if (fault.Failure is { } failure && !exchange.Aborted.IsCancellationRequested)
            {
                await writer.ErrorAsync(failure).ConfigureAwait(false);
            }
        }
        if (fault.Abort)
        {
            exchange.Http.Abort();
        }
    }

    private async Task FollowAsync(ApiResource row, WatchCursor cursor, WatchWriter writer, ListQuery query, long after, TimeSpan timeout, CancellationToken ended)
    {
        var began = time.GetTimestamp();
        var bookmarkAt = query.AllowWatchBookmarks ? NextBookmark(TimeSpan.Zero, timeout) : timeout;
        while (true)
        {
            while (cursor.Position.Next is { } next)
            {
                ended.ThrowIfCancellationRequested();
                if (row.Conversion is { } conversion && next.Object is { } shown)
                {
                    await conversion.PrepareAsync(next.Previous is { } before ? [shown, before] : [shown], ended).ConfigureAwait(false);
                }
                // Who asks from a version that is still ahead gets nothing from before it.
                if (next.Revision > after)
                {
                    writer.Change(next);
                }
                cursor.Position = next;
                await writer.FlushIfLargeAsync(ended).ConfigureAwait(false);
            }
            await writer.FlushAsync(ended).ConfigureAwait(false);
            var elapsed = time.GetElapsedTime(began);
            if (elapsed >= bookmarkAt && query.AllowWatchBookmarks)
            {
                // Read before the look at the chain: everything up to this version has been sent, or is sent in the next round.
                var current = cluster.Revision;
                if (cursor.Position.Next is null)
                {
                    writer.Bookmark(Math.Max(current, cursor.Position.Revision), initialEventsEnd: false);
                    await writer.FlushAsync(ended).ConfigureAwait(false);
                    bookmarkAt = NextBookmark(elapsed, timeout);
                }
            }
            if (elapsed >= timeout)
            {
                return;
            }
            var wait = (bookmarkAt < timeout ? bookmarkAt : timeout) - elapsed;
            var news = row.Store.NewsAfter(cursor.Position);
            // Looked at after the signal is in place: who retires a row announces it.
            if (row.Custom is { Retirement.Retired: true } && cursor.Position.Next is null)
            {
                return;
            }
            await NewsAsync(news, wait, ended).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for news or for a time on the server's clock, whichever comes first.</summary>
    private async Task NewsAsync(Task news, TimeSpan limit, CancellationToken ended)
    {
        try
        {
            // A timer cannot be set for longer than about 49 days.
            var wait = limit < TimeSpan.Zero ? TimeSpan.Zero : limit > LongestWait ? LongestWait : limit;
            await news.WaitAsync(wait, time, ended).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller looks at the clock itself.
        }
    }

    /// <summary>Every so often, and once shortly before the end.</summary>
    private TimeSpan NextBookmark(TimeSpan elapsed, TimeSpan timeout)
    {
        var regular = elapsed + bookmarkPeriod;
        var last = timeout - TimeSpan.FromSeconds(2);
        if (last > elapsed && last < regular)
        {
            return last;
        }
        return regular < timeout ? regular : TimeSpan.MaxValue;
    }
}

/// <summary>Writes the frames of one watch.</summary>
internal sealed class WatchWriter(Exchange exchange, ApiResource row, Accepted form, TimeProvider time, string? @namespace, ListQuery query)
{
    private const int FlushAbove = 32 * 1024;

    private readonly PipeWriter _output = exchange.Http.Response.BodyWriter;
    private bool _tableHeadersSent;

    /// <summary>Sends the answer's head, so that the client knows that it watches.</summary>
    public async Task StartAsync()
    {
        var response = exchange.Http.Response;
        response.StatusCode = 200;
        response.ContentType = form.Protobuf ? ProtobufForm.WatchMediaType : Exchange.JsonType;
        exchange.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(exchange.Aborted).ConfigureAwait(false);
        await _output.FlushAsync(exchange.Aborted).ConfigureAwait(false);
    }

    /// <summary>One change, as this watch sees it: what enters the selection is added to it, what leaves it is deleted from it.</summary>
    public void Change(StoreEvent change)
    {
        if (change.Object is not { } now)
        {
            return;
        }
        switch (query.Selects(change, @namespace))
        {
            case (true, false):
                Event("ADDED"u8, now);
                break;
            case (true, true):
                Event("MODIFIED"u8, now);
                break;
            case (false, true) when change.Type == StoreEventType.Deleted:
                Event("DELETED"u8, now);
                break;
            case (false, true):
                // The last state that was selected, at the version at which it left.
                var last = ObjectService.View(row, change.Previous!);
                last.Metadata()["resourceVersion"] = now.ResourceVersion.ToString(CultureInfo.InvariantCulture);
                Frame("DELETED"u8, Shape(last));
                break;
        }
    }

    public void Event(ReadOnlySpan<byte> type, StoredObject value)
    {
        if (form.Form == OutputForm.Object && row.Conversion is null)
        {
            Frame(type, form.Protobuf ? ProtobufForm.Of(row, value) : value.Json.Span);
            return;
        }
        Frame(type, Shape(ObjectService.View(row, value)));
    }

    public void Bookmark(long revision, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEventsEnd)
        {
            // What a client needs to make a list of the events: an empty one, as it would have been sent.
            metadata["annotations"] = new JsonObject
            {
                ["k8s.io/initial-events-end"] = "true",
                ["kubernetes.io/initial-events-list-blueprint"] = Convert.ToBase64String(form.Protobuf ? EmptyListMessage() : [.. Json.Bytes(EmptyList()), (byte)'\n']),
            };
        }
        var bookmark = new JsonObject { ["kind"] = row.Kind, ["apiVersion"] = row.ApiVersion, ["metadata"] = metadata };
        row.Strategy.ShapeBookmark(bookmark);
        Frame("BOOKMARK"u8, Shape(bookmark));
    }

    private JsonObject EmptyList() => form.Form switch
    {
        OutputForm.Object when row.Custom is not null => new JsonObject { ["apiVersion"] = row.ApiVersion, ["items"] = new JsonArray(), ["kind"] = row.ListKind },
        OutputForm.Object => new JsonObject { ["kind"] = row.ListKind, ["apiVersion"] = row.ApiVersion, ["metadata"] = new JsonObject(), ["items"] = null },
        _ => new JsonObject { ["kind"] = "PartialObjectMetadataList", ["apiVersion"] = $"meta.k8s.io/{form.Version}", ["metadata"] = new JsonObject(), ["items"] = null },
    };

    private byte[] EmptyListMessage() => form.Form == OutputForm.Object ? ProtobufForm.List(row, [], []) : ProtobufForm.Of(EmptyList())!;

    public async Task ErrorAsync(ApiException failure)
    {
        Frame("ERROR"u8, Bytes(failure.Status));
        await _output.FlushAsync(exchange.Aborted).ConfigureAwait(false);
    }

    public ValueTask FlushIfLargeAsync(CancellationToken ended) => _output.UnflushedBytes > FlushAbove ? FlushAsync(ended) : ValueTask.CompletedTask;

    public async ValueTask FlushAsync(CancellationToken ended)
    {
        if (_output.UnflushedBytes > 0)
        {
            await _output.FlushAsync(ended).ConfigureAwait(false);
        }
    }

    private byte[] Shape(JsonObject tree)
    {
        switch (form.Form)
        {
            case OutputForm.Table:
                var metadata = new JsonObject { ["resourceVersion"] = tree.TextAt("metadata", "resourceVersion") };
                var table = ObjectForms.Table(row, [tree], metadata, ObjectForms.IncludedIn(exchange), time, form.Version, headers: !_tableHeadersSent);
                _tableHeadersSent = true;
                return Json.Bytes(table);
            case OutputForm.PartialMetadata or OutputForm.PartialMetadataList:
                return Bytes(ObjectForms.PartialMetadata(tree, form.Version));
            default:
                return Bytes(tree);
        }
    }

    private byte[] Bytes(JsonObject tree) => form.Protobuf && ProtobufForm.Of(tree) is { } bytes ? bytes : Json.Bytes(tree);

    private void Frame(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        if (form.Protobuf)
        {
            ProtobufForm.Frame(_output, type, body);
            return;
        }
        _output.Write("{\"type\":\""u8);
        _output.Write(type);
        _output.Write("\",\"object\":"u8);
        _output.Write(body);
        _output.Write("}\n"u8);
    }
}
