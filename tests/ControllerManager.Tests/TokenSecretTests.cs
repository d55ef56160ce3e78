using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class TokenSecretTests
{
    private const string Asked = """{"metadata":{"name":"t","annotations":{"kubernetes.io/service-account.name":"bot"}},"type":"kubernetes.io/service-account-token"}""";
    private static readonly ClusterControllersOptions Tokens = ClusterControllersOptions.None with { TokenSecrets = true };

    [Fact]
    public async Task A_secret_for_an_accounts_token_is_filled_and_goes_with_its_account()
    {
        await using var cluster = await Cluster.StartAsync(Tokens);
        var account = await cluster.CreateAsync<V1ServiceAccount>("""{"metadata":{"name":"bot"}}""");
        await cluster.CreateAsync<V1Secret>(Asked);

        var secret = await cluster.UntilAsync<V1Secret>("t", static s => s.Data?.ContainsKey("token") is true);
        Assert.Equal(account.Metadata.Uid, secret.Metadata.Annotations["kubernetes.io/service-account.uid"]);
        Assert.Equal("default", Encoding.ASCII.GetString(secret.Data["namespace"]));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Encoding.ASCII.GetString(secret.Data["ca.crt"]), StringComparison.Ordinal);
        Assert.Contains(secret.Metadata.ManagedFields, static f => f.Manager == "kube-controller-manager");
        Assert.Equal("system:serviceaccount:default:bot", (await ReviewAsync(cluster, secret)).User.Username);

        await cluster.Of<V1ServiceAccount>().DeleteAsync("bot");

        await cluster.GoneAsync<V1Secret>("t");
        Assert.NotEqual(true, (await ReviewAsync(cluster, secret)).Authenticated);
    }

    [Fact]
    public async Task A_secret_whose_account_is_not_there_or_is_another_one_goes()
    {
        await using var cluster = await Cluster.StartAsync(Tokens);
        await cluster.CreateAsync<V1ServiceAccount>("""{"metadata":{"name":"bot"}}""");
        await cluster.CreateAsync<V1Secret>(Asked.Replace("\"bot\"", "\"nobody\"", StringComparison.Ordinal));
        await cluster.CreateAsync<V1Secret>(Asked.Replace("\"t\"", "\"u\"", StringComparison.Ordinal).Replace("\"bot\"", "\"bot\",\"kubernetes.io/service-account.uid\":\"of-before\"", StringComparison.Ordinal));

        await cluster.GoneAsync<V1Secret>("t");
        await cluster.GoneAsync<V1Secret>("u");
    }

    [Fact]
    public async Task A_token_that_somebody_takes_out_is_made_anew_and_the_old_one_holds_no_more()
    {
        await using var cluster = await Cluster.StartAsync(Tokens);
        await cluster.CreateAsync<V1ServiceAccount>("""{"metadata":{"name":"bot"}}""");
        await cluster.CreateAsync<V1Secret>(Asked);
        var before = await cluster.UntilAsync<V1Secret>("t", static s => s.Data?.ContainsKey("token") is true);

        await cluster.Of<V1Secret>().PatchAsync("t", Patch.Merge("""{"data":{"token":null}}"""));

        var after = await cluster.UntilAsync<V1Secret>("t", s => s.Data?.TryGetValue("token", out var token) is true && !token.SequenceEqual(before.Data["token"]));
        Assert.True((await ReviewAsync(cluster, after)).Authenticated);
        Assert.NotEqual(true, (await ReviewAsync(cluster, before)).Authenticated);
    }

    [Theory]
    [InlineData(0, "RS256")]
    [InlineData(256, "ES256")]
    [InlineData(384, "ES384")]
    public void Tokens_are_signed_by_the_kind_of_the_key_and_name_it_without_telling_it(int curve, string algorithm)
    {
        using AsymmetricAlgorithm key = curve == 0 ? RSA.Create(2048) : ECDsa.Create(curve == 256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        var meta = new V1ObjectMeta { Name = "bot", NamespaceProperty = "space", Uid = "u-1" };

        var parts = new LegacyTokens(() => key).For(new V1ServiceAccount { Metadata = meta }, new V1Secret { Metadata = new V1ObjectMeta { Name = "t", NamespaceProperty = "space" } }).Split('.');

        var (header, data, signature) = (Json(parts[0]), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]));
        Assert.Equal(algorithm, (string?)header["alg"]);
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), (string?)header["kid"]);
        Assert.True(key is RSA rsa ? rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : ((ECDsa)key).VerifyData(data, signature, curve == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384));
        Assert.Equal("""{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"space","kubernetes.io/serviceaccount/secret.name":"t","kubernetes.io/serviceaccount/service-account.name":"bot","kubernetes.io/serviceaccount/service-account.uid":"u-1","sub":"system:serviceaccount:space:bot"}""",
            Json(parts[1]).ToJsonString());
    }

    private static JsonNode Json(string part) => JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(part))!;

    private static async Task<V1TokenReviewStatus> ReviewAsync(Cluster cluster, V1Secret secret) =>
        (await cluster.Client.Resource<V1TokenReview>().CreateAsync(new V1TokenReview { Spec = new V1TokenReviewSpec { Token = Encoding.ASCII.GetString(secret.Data["token"]) } })).Status;
}
