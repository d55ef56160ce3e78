using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What OpenID clients ask of who issues service account tokens: where its keys are, and the keys.</summary>
internal sealed class TokenIssuer(ServiceAccountTokens tokens)
{
    private const string KeySet = "application/jwk-set+json";

    public Task ConfigurationAsync(Exchange exchange) => exchange.Answer(200, new JsonObject
    {
        ["issuer"] = ServiceAccountTokens.Issuer,
        ["jwks_uri"] = $"{(exchange.Http.Request.IsHttps ? "https" : "http")}://{exchange.Http.Request.Host.Value}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    }, Exchange.JsonType);

    public Task KeysAsync(Exchange exchange) => exchange.Accept is null or "*/*" || exchange.Accept.Contains(KeySet, StringComparison.Ordinal) || exchange.Accept.Contains("*/*", StringComparison.Ordinal)
        ? exchange.Answer(200, new JsonObject { ["keys"] = new JsonArray(tokens.PublicKey()) }, KeySet)
        : throw Errors.Of(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {KeySet}", []);
}
