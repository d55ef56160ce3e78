using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Serves the OpenAPI documents: version 2 as JSON and as protobuf (what older kubectl reads), version 3 group by group.</summary>
internal sealed class OpenApiHandler(ResourceTable table)
{
    private const string V2Protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string V2ProtobufShort = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly Lock _lock = new();
    private ResourceTable.View? _madeFrom;
    private OpenApiDocuments? _documents;

    /// <summary>The documents of the present table; made when first asked for after a change.</summary>
    private OpenApiDocuments Documents()
    {
        lock (_lock)
        {
            var view = table.Current;
            if (!ReferenceEquals(view, _madeFrom))
            {
                _documents = new OpenApiDocuments(view);
                _madeFrom = view;
            }
            return _documents!;
        }
    }

    public Task V2Async(Exchange exchange)
    {
        var documents = Documents();
        var protobuf = exchange.Accept is { } accept && (accept.Contains(V2Protobuf, StringComparison.Ordinal) || accept.Contains(V2ProtobufShort, StringComparison.Ordinal));
        return AnswerAsync(exchange, protobuf ? documents.V2Protobuf : documents.V2Json, protobuf ? V2ProtobufShort : Exchange.JsonType);
    }

    public Task V3IndexAsync(Exchange exchange)
    {
        var paths = new JsonObject();
        foreach (var path in Documents().V3Paths)
        {
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Documents().V3Hash(path)}" };
        }
        // Served as text by the real server too.
        return exchange.Answer(200, new JsonObject { ["paths"] = paths }, Exchange.TextType);
    }

    public Task V3Async(Exchange exchange, string path)
    {
        var documents = Documents();
        if (documents.V3(path) is not { } document)
        {
            // A real server has no words for a group that it does not know, and no error.
            exchange.Http.Response.Headers.Vary = "Accept";
            return exchange.Answer(200, ReadOnlyMemory<byte>.Empty, Exchange.JsonType);
        }
        var hash = documents.V3Hash(path);
        if (exchange.Query("hash") is { Length: > 0 } asked)
        {
            if (asked != hash)
            {
                exchange.Http.Response.Headers.Location = $"/openapi/v3/{path}?hash={hash}";
                return exchange.Answer(301, ReadOnlyMemory<byte>.Empty, Exchange.JsonType);
            }
            // Who asks by hash asks for what never changes.
            exchange.Http.Response.Headers.CacheControl = "public, immutable";
            exchange.Http.Response.Headers.Expires = exchange.Time.GetUtcNow().AddYears(1).ToString("R", CultureInfo.InvariantCulture);
        }
        return AnswerAsync(exchange, document, Exchange.JsonType, hash);
    }

    private static Task AnswerAsync(Exchange exchange, ReadOnlyMemory<byte> body, string contentType, string? hash = null)
    {
        var tag = $"\"{hash ?? Convert.ToHexString(SHA256.HashData(body.Span))}\"";
        exchange.Http.Response.Headers.ETag = tag;
        exchange.Http.Response.Headers.Vary = "Accept";
        if (exchange.Http.Request.Headers.IfNoneMatch.ToString().Contains(tag, StringComparison.Ordinal))
        {
            exchange.Http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        return exchange.Answer(200, body, contentType);
    }
}
