using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>A webhook could not be asked, or what it answered makes no sense.</summary>
internal sealed class WebhookException(string message, bool isAnswer = false) : Exception(message)
{
    /// <summary>It answered, and the answer is none to what it was asked.</summary>
    public bool IsAnswer { get; } = isAnswer;

    /// <summary>It is told without saying at which step.</summary>
    public bool Unprefixed { get; init; }

    public string Told => Unprefixed ? Message : IsAnswer ? $"received invalid webhook response: {Message}" : $"failed to call webhook: {Message}";
}

/// <summary>Where a webhook lives and whose certificate it shows, from a <c>clientConfig</c>.</summary>
internal sealed record WebhookTarget(Uri Address, string? ServerName, string CaPem);

/// <summary>
/// Calls webhooks over TLS, trusting nobody but the authority that their configuration names. Connections are kept and shared. Thread-safe.
/// </summary>
/// <param name="time">The server's clock.</param>
/// <param name="services">Where a service is to be reached; null, or an answer of null, where nobody knows.</param>
/// <param name="exists">Whether there is such a service object at all.</param>
internal sealed class WebhookCaller(TimeProvider time, Func<WebhookService, Uri?>? services, Func<WebhookService, bool>? exists = null) : IDisposable
{
    private const int LongestAnswer = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<(string?, string), HttpClient> _clients = new();

    /// <summary>Reads a <c>clientConfig</c>.</summary>
    /// <exception cref="WebhookException">It names a service that nobody resolves, or no address at all.</exception>
    public WebhookTarget Target(JsonObject? config, TimeSpan timeout)
    {
        var ca = config?.Text("caBundle") is { Length: > 0 } bundle ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(bundle)) : "";
        if (config?.Text("url") is { Length: > 0 } url)
        {
            return new WebhookTarget(new Uri(url, UriKind.Absolute), null, ca);
        }
        if (config?.Child("service") is not { } tree)
        {
            throw new WebhookException("webhook configuration must have either service or URL");
        }
        var service = new WebhookService(tree.Text("namespace") ?? "", tree.Text("name") ?? "", (int)(tree["port"].AsLong() ?? 443));
        var address = services?.Invoke(service) ?? throw new WebhookException(exists?.Invoke(service) == false
            ? FormattableString.Invariant($"Post \"https://{service.Name}.{service.Namespace}.svc:{service.Port}{tree.Text("path") ?? "/"}?timeout={timeout.TotalSeconds}s\": service \"{service.Name}\" not found")
            : $"service \"{service.Namespace}/{service.Name}\" cannot be reached from this server: give the webhook's url, or set {nameof(EmbeddedApiServerOptions)}.{nameof(EmbeddedApiServerOptions.ResolveService)}");
        return new WebhookTarget(new Uri(address, tree.Text("path") ?? "/"), $"{service.Name}.{service.Namespace}.svc", ca);
    }

    /// <summary>Posts a document and reads the answer.</summary>
    /// <exception cref="WebhookException">No answer in time, no success, or no JSON.</exception>
    public async Task<JsonObject> PostAsync(WebhookTarget target, JsonObject body, TimeSpan timeout, CancellationToken cancellation)
    {
        var address = WithTimeout(target.Address, timeout);
        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var content = new ByteArrayContent(Json.Bytes(body));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            request.Headers.Accept.ParseAdd("application/json");
            request.Headers.UserAgent.ParseAdd("kube-apiserver-admission");
            using var response = await _clients.GetOrAdd((target.ServerName, target.CaPem), static key => Client(key)).SendAsync(request, both.Token).ConfigureAwait(false);
            var bytes = await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
            return WebhookAnswers.Read((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", bytes);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WebhookException($"Post \"{address}\": context deadline exceeded");
        }
        catch (HttpRequestException failure)
        {
            var refused = failure.InnerException is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused };
            throw new WebhookException($"Post \"{address}\": {(refused ? $"dial tcp {address.Host}:{address.Port}: connect: connection refused" : Innermost(failure))}");
        }
    }

    private static Uri WithTimeout(Uri address, TimeSpan timeout)
    {
        var builder = new UriBuilder(address);
        var query = builder.Query.TrimStart('?');
        builder.Query = FormattableString.Invariant($"{(query.Length == 0 ? "" : query + "&")}timeout={timeout.TotalSeconds}s");
        return builder.Uri;
    }

    private static HttpClient Client((string? ServerName, string CaPem) key)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = key.ServerName };
        if (key.CaPem.Length > 0)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPem(key.CaPem);
        }
        return new HttpClient(new SocketsHttpHandler { SslOptions = tls, AllowAutoRedirect = false, UseProxy = false, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    private static string Innermost(Exception failure) => failure.InnerException is { } inner ? Innermost(inner) : failure.Message;

    /// <summary>What is wrong with a CA bundle, or null.</summary>
    public static string? BundleProblem(string bundle)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
            return certificates.Count == 0 ? "unable to load root certificates: unable to parse bytes as PEM block" : null;
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            return "unable to load root certificates: unable to parse bytes as PEM block";
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }
}
