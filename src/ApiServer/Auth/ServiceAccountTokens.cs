using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Signs and checks the tokens of service accounts (JWT, ES256). The key is made with the first token and never leaves memory.</summary>
internal sealed class ServiceAccountTokens(ClusterStore cluster, TimeProvider time) : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private const string LegacyIssuer = "kubernetes/serviceaccount";
    private const string Legacy = "kubernetes.io/serviceaccount/";

    private readonly Lazy<ECDsa> _key = new(() => ECDsa.Create(ECCurve.NamedCurves.nistP256));
    private readonly ConcurrentBag<ECDsa> _lent = [];
    private string? _keyId;

    /// <summary>What finds the key, of which it tells nothing.</summary>
    private string KeyId => _keyId ??= Encode(SHA256.HashData(_key.Value.ExportSubjectPublicKeyInfo()));

    /// <summary>The key for somebody else who signs tokens of this cluster; lives as long as this.</summary>
    public ECDsa Lend()
    {
        lock (_key)
        {
            var lent = ECDsa.Create(_key.Value.ExportParameters(includePrivateParameters: true));
            _lent.Add(lent);
            return lent;
        }
    }

    /// <summary>The key that tokens are checked with, as a JSON Web Key.</summary>
    public JsonObject PublicKey()
    {
        lock (_key)
        {
            var point = _key.Value.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject { ["use"] = "sig", ["kty"] = "EC", ["kid"] = KeyId, ["crv"] = "P-256", ["alg"] = "ES256", ["x"] = Encode(point.X!), ["y"] = Encode(point.Y!) };
        }
    }

    public string Issue(string @namespace, StoredObject account, IEnumerable<string> audiences, DateTimeOffset expires, (string Kind, StoredObject Object)? bound = null)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(a => (JsonNode)a)]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now,
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = @namespace,
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid },
            },
            ["nbf"] = now,
            ["sub"] = UserName(@namespace, account.Name),
        };
        if (bound is { } to)
        {
            claims["kubernetes.io"]![to.Kind] = new JsonObject { ["name"] = to.Object.Name, ["uid"] = to.Object.Uid };
        }
        return Signed(claims);
    }

    private string Signed(JsonObject claims)
    {
        lock (_key)
        {
            var header = new JsonObject { ["alg"] = "ES256", ["kid"] = KeyId };
            var text = $"{Encode(Json.Bytes(header))}.{Encode(Json.Bytes(claims))}";
            return $"{text}.{Encode(_key.Value.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>The account behind a token, while it lasts, is meant for one of the audiences (this server, where null) and the account lives; null otherwise.</summary>
    public UserInfo? Verify(string token, IReadOnlyCollection<string>? audiences = null)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !_key.IsValueCreated)
        {
            return null;
        }
        try
        {
            lock (_key)
            {
                if (!_key.Value.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256))
                {
                    return null;
                }
            }
            var claims = Json.Parse(Decode(parts[1])) as JsonObject;
            if (claims.TextAt("iss") == LegacyIssuer)
            {
                return VerifyLegacy(token, claims!, audiences);
            }
            var space = claims.TextAt("kubernetes.io", "namespace") ?? "";
            var name = claims.TextAt("kubernetes.io", "serviceaccount", "name") ?? "";
            if (!(claims.At("aud") as JsonArray).Texts().Any(a => audiences is { Count: > 0 } ? audiences.Contains(a) : a == Issuer) || !Lives(claims, space))
            {
                return null;
            }
            var account = cluster.Store(new GroupResource("", "serviceaccounts")).Current.Get(space, name);
            if (account is null || account.Uid != claims.TextAt("kubernetes.io", "serviceaccount", "uid") || claims.LongAt("exp") < time.GetUtcNow().ToUnixTimeSeconds())
            {
                return null;
            }
            return new UserInfo(UserName(space, name), ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"], account.Uid) { Extra = Extra(claims) };
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>A token of a secret holds while the secret has it, and its account lives.</summary>
    private UserInfo? VerifyLegacy(string token, JsonObject claims, IReadOnlyCollection<string>? audiences)
    {
        var (space, name) = (claims.Text(Legacy + "namespace") ?? "", claims.Text(Legacy + "service-account.name") ?? "");
        var secret = cluster.Store(new GroupResource("", "secrets")).Current.Get(space, claims.Text(Legacy + "secret.name") ?? "");
        var account = cluster.Store(new GroupResource("", "serviceaccounts")).Current.Get(space, name);
        return (audiences is not { Count: > 0 } || audiences.Contains(Issuer)) && secret is { Terminating: false } && account is not null && account.Uid == claims.Text(Legacy + "service-account.uid")
            && secret.ToTree().TextAt("data", "token") == Convert.ToBase64String(Encoding.ASCII.GetBytes(token))
            ? new UserInfo(UserName(space, name), ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"], account.Uid) : null;
    }

    /// <summary>A token that is bound to a pod or secret lives as long as that.</summary>
    private bool Lives(JsonObject? claims, string @namespace)
    {
        foreach (var kind in (string[])["pod", "secret"])
        {
            if (claims.At("kubernetes.io", kind) is JsonObject bound &&
                cluster.Store(new GroupResource("", kind + "s")).Current.Get(@namespace, bound.Text("name") ?? "")?.Uid != bound.Text("uid"))
            {
                return false;
            }
        }
        return true;
    }

    private static Dictionary<string, string[]> Extra(JsonObject? claims)
    {
        var extra = new Dictionary<string, string[]> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.TextAt("jti")}"] };
        if (claims.At("kubernetes.io", "pod") is JsonObject pod)
        {
            extra["authentication.kubernetes.io/pod-name"] = [pod.Text("name") ?? ""];
            extra["authentication.kubernetes.io/pod-uid"] = [pod.Text("uid") ?? ""];
        }
        return extra;
    }

    /// <summary>Whether a user name is that of an account that exists.</summary>
    public bool Knows(string name) => name.Split(':') is ["system", "serviceaccount", var space, var account] &&
        cluster.Store(new GroupResource("", "serviceaccounts")).Current.Get(space, account) is not null;

    private static string UserName(string @namespace, string name) => $"system:serviceaccount:{@namespace}:{name}";

    private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    public void Dispose()
    {
        while (_lent.TryTake(out var lent))
        {
            lent.Dispose();
        }
        if (_key.IsValueCreated)
        {
            _key.Value.Dispose();
        }
    }
}
