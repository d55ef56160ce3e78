using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Tokens for service accounts: <c>POST …/serviceaccounts/NAME/token</c>.</summary>
internal sealed class TokenHandler(ServiceAccountTokens tokens, TimeProvider time)
{
    private const long TenMinutes = 600;
    private const long Longest = 1L << 32;

    public async Task IssueAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var body = await BodyReader.ReadObjectAsync(exchange, row, [], "TokenRequest", "authentication.k8s.io/v1").ConfigureAwait(false);
        var account = row.Store.Current.Get(info.Namespace!, info.Name!) ?? throw Errors.NotFound(row.GroupResource, info.Name!);
        var spec = body.Need("spec");
        spec.Default("expirationSeconds", 3600);
        var seconds = spec["expirationSeconds"].AsLong() ?? 0;
        var errors = new FieldErrors();
        if (seconds < TenMinutes)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }
        else if (seconds > Longest)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
        }
        if (errors.Any)
        {
            throw Errors.Invalid("authentication.k8s.io", "TokenRequest", "", errors);
        }
        if (spec.List("audiences") is not { Count: > 0 })
        {
            spec["audiences"] = new JsonArray(ServiceAccountTokens.Issuer);
        }
        var expires = time.GetUtcNow().AddSeconds(seconds);
        var answer = new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = info.Name, ["namespace"] = info.Namespace, ["creationTimestamp"] = MetadataRules.Timestamp(time.GetUtcNow()) },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Issue(info.Namespace!, account, spec.List("audiences").Texts(), expires),
                ["expirationTimestamp"] = MetadataRules.Timestamp(expires),
            },
        };
        await exchange.Answer(201, answer).ConfigureAwait(false);
    }
}
