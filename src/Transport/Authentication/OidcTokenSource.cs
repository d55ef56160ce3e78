using System.Net.Http.Json;
using System.Text.Json;

namespace ActorKube.Transport;

/// <summary>
/// OpenID Connect as kubeconfig's <c>auth-provider: oidc</c> has it: the id token is sent while it lives, then a new one is got with the refresh token. New
/// tokens live in memory: the kubeconfig file is not written.
/// </summary>
internal sealed class OidcTokenSource : ITokenSource
{
    readonly Uri _issuer;
    readonly string _clientId;
    readonly string? _clientSecret;
    readonly KubernetesClientConfiguration _configuration;
    readonly TimeProvider _time;
    readonly HttpClient _http;
    readonly SemaphoreSlim _turn = new(1, 1);
    string? _refreshToken;
    volatile AuthenticationHeader? _current;
    DateTimeOffset _expires = DateTimeOffset.MaxValue;

    public OidcTokenSource(AuthProvider provider, KubernetesClientConfiguration configuration, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (_configuration, _time) = (configuration, time);
        _clientId = Need(provider, "client-id");
        _clientSecret = provider.Settings.GetValueOrDefault("client-secret");
        var issuer = Need(provider, "idp-issuer-url");
        if (!Uri.TryCreate(issuer.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)
            throw new KubeConfigException("auth-provider oidc", "idp-issuer-url is not an https address", "Write the issuer's https URL.");
        _issuer = uri;
        _refreshToken = provider.Settings.GetValueOrDefault("refresh-token");
        if (provider.Settings.GetValueOrDefault("id-token") is { Length: > 0 } token && ExpiryOf(token) is { } expires && Credentials.IsHeaderSafe(token))
            (_current, _expires) = (AuthenticationHeader.Bearer(token), expires);
        _http = new HttpClient(handler ?? CreateHandler(provider, configuration)) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public ValueTask<AuthenticationHeader?> GetAsync(CancellationToken cancellation) => new(GetFreshAsync(cancellation));

    public bool Rejected(AuthenticationHeader? header)
    {
        // Without a refresh token there is no other to be had, and what the server says of this one is said best by its 401.
        if (_refreshToken is null) return false;
        if (ReferenceEquals(_current, header)) _current = null;
        return true;
    }

    async Task<AuthenticationHeader?> GetFreshAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_current is { } current && _time.GetUtcNow() + _configuration.Credentials.TokenLeeway < _expires) return current;
            return await RefreshAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task<AuthenticationHeader> RefreshAsync(CancellationToken cancellation)
    {
        const string at = "auth-provider oidc";
        const string advice = "Log in anew with the tool that wrote the kubeconfig.";
        if (_refreshToken is null) throw new KubeConfigException(at, "the id token has expired and there is no refresh token", advice);
        try
        {
            using var discovery = await _http.GetFromJsonAsync<JsonDocument>(new Uri(_issuer, ".well-known/openid-configuration"), cancellation).ConfigureAwait(false);
            if (Text(discovery, "token_endpoint") is not { } address || !Uri.TryCreate(address, UriKind.Absolute, out var endpoint)
                || endpoint.Scheme != Uri.UriSchemeHttps && !endpoint.IsLoopback)
                throw new KubeConfigException(at, "the issuer names no https token endpoint", "Check idp-issuer-url.");
            var form = new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token", ["refresh_token"] = _refreshToken, ["client_id"] = _clientId
            };
            if (_clientSecret is not null) form["client_secret"] = _clientSecret;
            using var answer = await _http.PostAsync(endpoint, new FormUrlEncodedContent(form), cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new KubeConfigException(at, $"the issuer refused to refresh the token (HTTP {(int)answer.StatusCode})", advice);
            using var tokens = await answer.Content.ReadFromJsonAsync<JsonDocument>(cancellation).ConfigureAwait(false);
            if (Text(tokens, "id_token") is not { } token || !Credentials.IsHeaderSafe(token) || ExpiryOf(token) is not { } expires)
                throw new KubeConfigException(at, "the issuer's answer has no id token", "Add the scope openid where the login tool is configured.");
            _refreshToken = Text(tokens, "refresh_token") ?? _refreshToken;
            _expires = expires;
            return _current = AuthenticationHeader.Bearer(token);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or InvalidOperationException
            || error is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new KubeConfigException(at, $"the issuer {_issuer.Authority} did not answer as OpenID Connect has it ({error.GetType().Name})",
                "Check idp-issuer-url, idp-certificate-authority and the network.");
        }
    }

    /// <summary>The end of a JWT's life; null for what is none.</summary>
    static DateTimeOffset? ExpiryOf(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3) return null;
        try
        {
            using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static HttpMessageHandler CreateHandler(AuthProvider provider, KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = configuration.Connections.DialTimeout + configuration.Connections.TlsHandshakeTimeout };
        var pem = provider.Settings.GetValueOrDefault("idp-certificate-authority-data") is { Length: > 0 } data
            ? Decode(data) : null;
        var file = provider.Settings.GetValueOrDefault("idp-certificate-authority");
        if (pem is not null || !string.IsNullOrEmpty(file))
        {
            var trust = new ServerTrust(pem, file, null, TimeProvider.System, configuration.Credentials.CertificateReload);
            handler.SslOptions.RemoteCertificateValidationCallback = trust.Validate;
        }
        return handler;
    }

    static string Decode(string base64)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new KubeConfigException("auth-provider oidc", "idp-certificate-authority-data is not base64", "Encode the PEM file, as 'base64 -w0 FILE' does, or name the file instead.");
        }
    }

    static string Need(AuthProvider provider, string setting) => provider.Settings.GetValueOrDefault(setting) is { Length: > 0 } value ? value
        : throw new KubeConfigException("auth-provider oidc", $"{setting} is missing", "Log in anew with the tool that wrote the kubeconfig.");

    static string? Text(JsonDocument? document, string name) =>
        document?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }
}
