using System.Net;
using System.Net.Sockets;

namespace ActorKube.Transport;

/// <summary>From a configuration to the handler that owns its connections.</summary>
internal static class ConnectionFactory
{
    /// <summary>One probe may be lost on the way, or two; systems' own default is nine.</summary>
    const int LostProbes = 3;

    /// <exception cref="KubeConfigException">A certificate or key cannot be used.</exception>
    public static HttpMessageHandler Create(KubernetesClientConfiguration configuration, ClientIdentitySource identities, ServerTrust? trust, TimeProvider time)
    {
        var pools = new RotatingHandler(identities, identity => CreatePool(configuration, identity, trust, time));
        return HeaderLineHandler.IsNeededFor(configuration.Impersonation) ? new HeaderLineHandler(pools) : pools;
    }

    /// <returns>Null where the machine's own trust, or none at all, decides.</returns>
    /// <exception cref="KubeConfigException">The CA cannot be used.</exception>
    public static ServerTrust? CreateTrust(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        var hasAuthority = (configuration.CertificateAuthorityPem ?? configuration.CertificateAuthorityFile) is not null;
        if (hasAuthority && configuration.SkipTlsVerify)
            throw new KubeConfigException("a certificate authority is given and SkipTlsVerify is set. Remove SkipTlsVerify: with a CA there is no need for it.");
        return hasAuthority && configuration.Server.Scheme == Uri.UriSchemeHttps
            ? new ServerTrust(configuration.CertificateAuthorityPem, configuration.CertificateAuthorityFile, configuration.TlsServerName, time, configuration.Credentials.CertificateReload) : null;
    }

    static SocketsHttpHandler CreatePool(KubernetesClientConfiguration configuration, ClientIdentity? identity, ServerTrust? trust, TimeProvider time)
    {
        var settings = configuration.Connections;
        var linesAreSplit = HeaderLineHandler.IsNeededFor(configuration.Impersonation);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.DialTimeout + settings.TlsHandshakeTimeout,
            KeepAlivePingDelay = settings.ReadIdleTimeout,
            KeepAlivePingTimeout = settings.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            AutomaticDecompression = configuration.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
            // Users, groups and names for a field manager need not be ASCII: servers read UTF-8, as Go's clients send it.
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            ConnectCallback = (context, cancellation) => ConnectAsync(context, settings, time, cancellation),
            PlaintextStreamFilter = (context, _) =>
            {
                HandshakeStream.Over(context.InitialRequestMessage);
                var connection = configuration.Server.Scheme == Uri.UriSchemeHttp ? new ReadAheadStream(context.PlaintextStream) : context.PlaintextStream;
                return new(linesAreSplit ? new HeaderLineStream(connection) : connection);
            }
        };
        if (configuration.Proxy is { } proxy) handler.Proxy = new WebProxy(proxy) { Credentials = ProxyCredentials(proxy) };
        if (identity is not null) handler.SslOptions.ClientCertificateContext = identity.Context;
        if (configuration.SkipTlsVerify) handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        else if (trust is not null) handler.SslOptions.RemoteCertificateValidationCallback = trust.Validate;
        return handler;
    }

    /// <summary>
    /// As the handler connects by itself, and with TCP's own probes: HTTP/1.1 has no pings, and a half-open connection must be found there too. Once it has been idle for long, a probe is sent each
    /// time a ping would have timed out, and three in a row without an answer break the connection.
    /// </summary>
    static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, ConnectionSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(settings.DialTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)settings.KeepAlive.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)settings.PingTimeout.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, LostProbes);
            await socket.ConnectAsync(context.DnsEndPoint, both.Token).ConfigureAwait(false);
            // The way through an HTTP proxy is asked for in plain text first.
            var request = context.InitialRequestMessage;
            var handshakeIsNext = request.RequestUri?.Scheme == Uri.UriSchemeHttps && request.Method != HttpMethod.Connect;
            return handshakeIsNext ? new HandshakeStream(socket, request, settings.TlsHandshakeTimeout, time) : new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0) return null;
        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
