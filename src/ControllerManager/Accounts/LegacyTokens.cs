using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Signs tokens without an end, which hold as long as the secret that they stand in.</summary>
/// <param name="key">The cluster's key for tokens (EC, or RSA); asked for when the first is to be signed.</param>
internal sealed class LegacyTokens(Func<AsymmetricAlgorithm> key)
{
    private const string Claim = "kubernetes.io/serviceaccount/";
    private readonly Lazy<AsymmetricAlgorithm> _key = new(key);

    public string For(V1ServiceAccount account, V1Secret secret)
    {
        var (space, name) = (account.Metadata.NamespaceProperty, account.Metadata.Name);
        return Signed(new()
        {
            ["iss"] = "kubernetes/serviceaccount",
            [Claim + "namespace"] = space,
            [Claim + "secret.name"] = secret.Metadata.Name,
            [Claim + "service-account.name"] = name,
            [Claim + "service-account.uid"] = account.Metadata.Uid,
            ["sub"] = $"system:serviceaccount:{space}:{name}",
        });
    }

    private string Signed(SortedDictionary<string, string> claims)
    {
        lock (_key)
        {
            var (algorithm, hash) = _key.Value switch
            {
                ECDsa { KeySize: 256 } => ("ES256", HashAlgorithmName.SHA256),
                ECDsa { KeySize: 384 } => ("ES384", HashAlgorithmName.SHA384),
                ECDsa => ("ES512", HashAlgorithmName.SHA512),
                RSA => ("RS256", HashAlgorithmName.SHA256),
                _ => throw new NotSupportedException($"Tokens are signed with keys of EC or RSA; {nameof(ClusterControllersOptions.ServiceAccountKey)} gave a {_key.Value.GetType().Name}."),
            };
            // What who checks it finds the key by.
            var id = Encoded(SHA256.HashData(_key.Value.ExportSubjectPublicKeyInfo()));
            var header = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["alg"] = algorithm, ["kid"] = id };
            var text = $"{Encoded(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encoded(JsonSerializer.SerializeToUtf8Bytes(claims))}";
            var data = Encoding.ASCII.GetBytes(text);
            var signature = _key.Value is RSA rsa ? rsa.SignData(data, hash, RSASignaturePadding.Pkcs1) : ((ECDsa)_key.Value).SignData(data, hash);
            return $"{text}.{Encoded(signature)}";
        }
    }

    private static string Encoded(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
