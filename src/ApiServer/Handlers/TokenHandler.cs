using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Tokens for service accounts: <c>POST …/serviceaccounts/NAME/token</c>.</summary>
internal sealed class TokenHandler(ServiceAccountTokens tokens, ResourceTable table, ObjectService objects, TimeProvider time)
{
    private const long TenMinutes = 600;
    private const long Longest = 1L << 32;

    public async Task IssueAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var body = await BodyReader.ReadObjectAsync(exchange, row, [], "TokenRequest", "authentication.k8s.io/v1").ConfigureAwait(false);
        var account = row.Store.Current.Get(info.Namespace!, info.Name!) ?? throw Errors.NotFound(row.GroupResource, info.Name!);
        foreach (var (field, wanted, what) in ((string, string?, string)[])[("name", info.Name, "name"), ("namespace", info.Namespace, "namespace")])
        {
            if (body.Metadata().Text(field) is { Length: > 0 } given && given != wanted)
            {
                var mismatch = new FieldErrors();
                mismatch.Invalid($"metadata.{field}", given, $"must match the service account {what} if specified");
                throw Errors.Invalid("authentication.k8s.io", "TokenRequest", info.Name!, mismatch);
            }
        }
        var context = exchange.WriteContext();
        var spec = body.Need("spec");
        spec.Default("expirationSeconds", 3600);
        var asked = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["metadata"] = new JsonObject(), ["spec"] = spec.DeepClone() };
        foreach (var (name, _) in asked.Need("spec").Where(p => p.Value is null).ToList())
        {
            asked.Need("spec").Remove(name);
        }
        objects.FieldManagement.Asked(asked, new("authentication.k8s.io", "v1", "TokenRequest"), "token", context);
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
        spec.TryAdd("boundObjectRef", null);
        if (spec.List("audiences") is not { Count: > 0 })
        {
            spec["audiences"] = new JsonArray(ServiceAccountTokens.Issuer);
        }
        spec = (await objects.AdmitBelowAsync(row, info.Namespace, info.Name!, "token", new JsonObject
        {
            ["kind"] = "TokenRequest", ["apiVersion"] = "authentication.k8s.io/v1", ["metadata"] = new JsonObject { ["name"] = info.Name, ["namespace"] = info.Namespace, ["creationTimestamp"] = null },
            ["spec"] = spec.DeepClone(), ["status"] = new JsonObject { ["token"] = "", ["expirationTimestamp"] = null },
        }, context).ConfigureAwait(false)).Need("spec");
        var expires = time.GetUtcNow().AddSeconds(seconds);
        var answer = new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = info.Name, ["namespace"] = info.Namespace, ["creationTimestamp"] = MetadataRules.Timestamp(time.GetUtcNow()) },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Issue(info.Namespace!, account, spec.List("audiences").Texts(), expires, Bound(spec.Child("boundObjectRef"), info.Namespace!)),
                ["expirationTimestamp"] = MetadataRules.Timestamp(expires),
            },
        };
        if (asked.Metadata()["managedFields"] is { } managed)
        {
            answer.Metadata()["managedFields"] = managed.DeepClone();
        }
        await exchange.Answer(201, answer).ConfigureAwait(false);
    }

    /// <summary>The object that a token shall live with.</summary>
    private (string, StoredObject)? Bound(JsonObject? reference, string @namespace)
    {
        if (reference is null)
        {
            return null;
        }
        var plural = (reference.Text("apiVersion"), reference.Text("kind")) switch
        {
            ("v1", "Pod") => "pods",
            ("v1", "Secret") => "secrets",
            ("v1", "Node") => "nodes",
            var (version, kind) => throw Errors.BadRequest($"cannot bind token to object of type {(version?.Contains('/', StringComparison.Ordinal) == true ? version : "/" + version)}, Kind={kind}"),
        };
        var row = table.Current.Find("", "v1", plural)!;
        var name = reference.Text("name") ?? "";
        var found = row.Store.Current.Get(row.Namespaced ? @namespace : "", name) ?? throw Errors.NotFound(row.GroupResource, name);
        if (reference.Text("uid") is { Length: > 0 } uid && uid != found.Uid)
        {
            throw Errors.Conflict(new(row.Group, row.Kind), name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }
        return (plural.TrimEnd('s'), found);
    }
}
