using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Serves the OpenAPI documents: version 2 as JSON and as protobuf (what older kubectl reads), version 3 group by group.</summary>
internal sealed class OpenApiHandler(ResourceTable table)
{
    private const string V2Protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string V3Protobuf = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";

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
        return Negotiate(exchange.Accept, V2Protobuf) switch
        {
            Form.Json => AnswerAsync(exchange, documents.V2Json, Exchange.JsonType),
            Form.Protobuf => AnswerAsync(exchange, documents.V2Protobuf, V2Protobuf.Replace('@', '.')),
            _ => NotAcceptable(exchange),
        };
    }

    public Task V3IndexAsync(Exchange exchange)
    {
        var paths = new JsonObject();
        var documents = Documents();
        foreach (var name in documents.V3Names)
        {
            paths[name] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{name}?hash={documents.V3Hash(name)}" };
        }
        // Served as text by the real server too.
        return exchange.Answer(200, new JsonObject { ["paths"] = paths }, Exchange.TextType);
    }

    public Task V3Async(Exchange exchange, string path)
    {
        var documents = Documents();
        if (documents.V3(path) is not { } document)
        {
            // A real server has no words for a document that there is not.
            exchange.Http.Response.StatusCode = 404;
            return Task.CompletedTask;
        }
        var form = Negotiate(exchange.Accept, V3Protobuf);
        if (form == Form.None)
        {
            return NotAcceptable(exchange);
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
        return form == Form.Json ? AnswerAsync(exchange, document, Exchange.JsonType, hash)
            : AnswerAsync(exchange, documents.V3Protobuf(path), V3Protobuf.Replace('@', '.'), hash);
    }

    private enum Form
    {
        None,
        Json,
        Protobuf,
    }

    /// <summary>
    /// The first form that the client takes and there is. The media types of the protobuf forms have a sign in them that HTTP's grammar does not allow there, so
    /// the header is read by hand; they are also known by a name without it.
    /// </summary>
    private static Form Negotiate(string? accept, string protobuf)
    {
        if (string.IsNullOrWhiteSpace(accept))
        {
            return Form.Json;
        }
        foreach (var clause in accept.Split(',').Select(c => c.Split(';', StringSplitOptions.TrimEntries)).OrderByDescending(Quality))
        {
            if (clause[0] is "*/*" or "application/*" or Exchange.JsonType)
            {
                return Form.Json;
            }
            if (clause[0] == protobuf || clause[0] == protobuf.Replace('@', '.'))
            {
                return Form.Protobuf;
            }
        }
        return Form.None;
    }

    private static double Quality(string[] clause) =>
        Array.Find(clause, p => p.StartsWith("q=", StringComparison.Ordinal)) is { } q && double.TryParse(q.AsSpan(2), CultureInfo.InvariantCulture, out var value) ? value : 1;

    private static Task NotAcceptable(Exchange exchange)
    {
        exchange.Http.Response.Headers.Vary = "Accept";
        exchange.Http.Response.StatusCode = 406;
        return Task.CompletedTask;
    }

    private static Task AnswerAsync(Exchange exchange, ReadOnlyMemory<byte> body, string contentType, string? hash = null)
    {
        var tag = $"\"{hash ?? Convert.ToHexString(SHA512.HashData(body.Span))}\"";
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
