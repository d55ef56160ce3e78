using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Transport;

/// <summary>The messages of <c>client.authentication.k8s.io</c>: what a plugin is told and what it answers.</summary>
internal static class ExecCredential
{
    public const string V1 = "client.authentication.k8s.io/v1";
    public const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    /// <summary>The value of <c>KUBERNETES_EXEC_INFO</c>.</summary>
    public static string Request(ExecCredentialPlugin plugin, KubernetesClientConfiguration configuration, bool interactive)
    {
        var spec = new JsonObject { ["interactive"] = interactive };
        if (plugin.ProvideClusterInfo)
        {
            var cluster = new JsonObject { ["server"] = configuration.Server.ToString().TrimEnd('/') };
            if (configuration.TlsServerName is { } name) cluster["tls-server-name"] = name;
            if (configuration.SkipTlsVerify) cluster["insecure-skip-tls-verify"] = true;
            var authority = configuration.CertificateAuthorityPem ?? (configuration.CertificateAuthorityFile is { } file
                ? ConfigurationFiles.ReadText(file, "certificate authority", "Correct certificate-authority.") : null);
            if (authority is not null) cluster["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
            if (configuration.Proxy is { } proxy) cluster["proxy-url"] = proxy.ToString().TrimEnd('/');
            if (configuration.DisableCompression) cluster["disable-compression"] = true;
            if (configuration.ExecClusterConfig is { } extension) cluster["config"] = JsonNode.Parse(extension);
            spec["cluster"] = cluster;
        }
        return new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = plugin.ApiVersion, ["spec"] = spec }.ToJsonString();
    }

    /// <summary>What the plugin printed, taken apart.</summary>
    /// <exception cref="KubeConfigException">It is not an answer in the version asked for. The message never quotes it: it may hold a token.</exception>
    public static ExecCredentialStatus ParseAnswer(ReadOnlyMemory<byte> output, ExecCredentialPlugin plugin)
    {
        var at = $"exec plugin {plugin.Command}";
        try
        {
            using var document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "kind") != "ExecCredential")
                throw new KubeConfigException(at, "it printed something else than an ExecCredential", "Run it by hand to see what it says.");
            var version = Text(root, "apiVersion");
            if (version != plugin.ApiVersion)
            {
                // An unknown version's name is the plugin's word: only the known ones are repeated.
                var found = version is V1 or V1Beta1 ? version : "another version";
                throw new KubeConfigException(at, $"it answered in {found}, and was asked in {plugin.ApiVersion}",
                    "Set the user's exec.apiVersion to what the plugin speaks, or update the plugin.");
            }
            if (!root.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object)
                throw new KubeConfigException(at, "its answer has no status", "Run it by hand to see what it says.");
            var token = Text(status, "token");
            var certificate = Text(status, "clientCertificateData");
            var key = Text(status, "clientKeyData");
            if (token is null && certificate is null && key is null)
                throw new KubeConfigException(at, "its answer has neither a token nor a certificate", "Log in with the plugin first; run it by hand to see what it says.");
            if (certificate is null != key is null)
                throw new KubeConfigException(at, "its answer has half of a certificate and key", "Update the plugin.");
            if (token is not null && !Credentials.IsHeaderSafe(token))
                throw new KubeConfigException(at, "its token has characters that no token has", "Update the plugin.");
            DateTimeOffset? expires = null;
            if (Text(status, "expirationTimestamp") is { } when)
            {
                expires = DateTimeOffset.TryParse(when, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var parsed)
                    ? parsed : throw new KubeConfigException(at, "its expirationTimestamp is not a time", "Update the plugin: RFC 3339 is expected.");
            }
            return new ExecCredentialStatus(token is null ? null : AuthenticationHeader.Bearer(token), certificate, key, expires);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what texts that are not UTF-8 give.
            throw new KubeConfigException(at, "it printed something that is not JSON", "Run it by hand to see what it says.");
        }
    }

    static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}

/// <summary>Credentials a plugin gave, and until when.</summary>
internal sealed class ExecCredentialStatus(AuthenticationHeader? header, string? certificatePem, string? keyPem, DateTimeOffset? expires)
{
    public AuthenticationHeader? Header => header;
    public string? CertificatePem => certificatePem;
    public string? KeyPem => keyPem;
    public DateTimeOffset? Expires => expires;
}
