using System.Net;
using System.Net.Sockets;

namespace ActorKube.Transport;

/// <summary>From a configuration to the handler that owns its connections.</summary>
internal static class ConnectionFactory
{
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);
    /// <summary>A connection this long without a byte is asked whether it lives; how long it may take to answer. As Go's clients of Kubernetes.</summary>
    static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30), PingTimeout = TimeSpan.FromSeconds(15);
    /// <summary>One probe may be lost on the way, or two; systems' own default is nine.</summary>
    const int LostProbes = 3;

    /// <exception cref="KubeConfigException">A certificate or key cannot be used.</exception>
    public static HttpMessageHandler Create(
        KubernetesClientConfiguration configuration, ClientIdentitySource identities, ServerTrust? trust, TimeSpan? pingDelay = null, TimeSpan? pingTimeout = null)
    {
        var pools = new RotatingHandler(identities, identity => CreatePool(configuration, identity, trust, pingDelay ?? PingDelay, pingTimeout ?? PingTimeout));
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
            ? new ServerTrust(configuration.CertificateAuthorityPem, configuration.CertificateAuthorityFile, configuration.TlsServerName, time) : null;
    }

    static SocketsHttpHandler CreatePool(
        KubernetesClientConfiguration configuration, ClientIdentity? identity, ServerTrust? trust, TimeSpan pingDelay, TimeSpan pingTimeout)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            KeepAlivePingDelay = pingDelay,
            KeepAlivePingTimeout = pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            AutomaticDecompression = configuration.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
            // Users, groups and names for a field manager need not be ASCII: servers read UTF-8, as Go's clients send it.
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, pingDelay, pingTimeout, cancellation)
        };
        if (HeaderLineHandler.IsNeededFor(configuration.Impersonation))
            handler.PlaintextStreamFilter = static (context, _) => new(new HeaderLineStream(context.PlaintextStream));
        if (configuration.Proxy is { } proxy) handler.Proxy = new WebProxy(proxy) { Credentials = ProxyCredentials(proxy) };
        if (identity is not null) handler.SslOptions.ClientCertificateContext = identity.Context;
        if (configuration.SkipTlsVerify) handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        else if (trust is not null) handler.SslOptions.RemoteCertificateValidationCallback = trust.Validate;
        return handler;
    }

    /// <summary>
    /// As the handler connects by itself, and with TCP's own probes: HTTP/1.1 has no pings, and a half-open connection must be found there too. After the delay of pings a probe is sent each
    /// time a ping would have timed out, and three in a row without an answer break the connection.
    /// </summary>
    static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, TimeSpan delay, TimeSpan interval, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)delay.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)interval.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, LostProbes);
            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
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
