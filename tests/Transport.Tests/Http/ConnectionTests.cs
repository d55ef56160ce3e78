using System.Net;
using System.Net.Sockets;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

public sealed class ConnectionTests
{
    static readonly TestAuthority Authority = new();

    /// <summary>One second is the shortest that connections take.</summary>
    static readonly ConnectionSettings Quick = new() { KeepAlive = TimeSpan.FromSeconds(1), ReadIdleTimeout = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) };

    static KubernetesClient Client(Uri server) => new(new KubernetesClientConfiguration { Server = server, CertificateAuthorityPem = Authority.Pem, Qps = -1 });

    [Fact]
    public async Task A_connection_that_goes_silent_is_found_by_its_pings()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Response.StartAsync();
            await context.Response.WriteAsync(Clients.Event("ADDED", Clients.Pod("a")) + "\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }, Authority.IssueServer("localhost"));
        using var wire = new Wire(server.Address.Port);
        var configuration = new KubernetesClientConfiguration { Server = new Uri($"https://localhost:{wire.Port}"), CertificateAuthorityPem = Authority.Pem, Qps = -1, Connections = Quick };
        using var client = new KubernetesClient(configuration);
        await using var events = client.ListWatch(Clients.Pods).WatchAsync(new ListOptions(), default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        wire.Cut();
        await Assert.ThrowsAnyAsync<IOException>(async () => await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [LinuxFact("a socket whose kernel drops what comes for it, which stands for a machine that is gone, can be had there alone")]
    public async Task Over_http1_a_connection_whose_other_end_is_gone_is_found_by_tcps_probes()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var configuration = new KubernetesClientConfiguration { Server = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}"), Qps = -1, Connections = Quick };
        using var client = new KubernetesClient(configuration);
        await using var events = client.ListWatch(Clients.Pods).WatchAsync(new ListOptions(), default).GetAsyncEnumerator();
        var first = events.MoveNextAsync();
        using var connection = await listener.AcceptAsync();
        var line = Clients.Event("ADDED", Clients.Pod("a")) + "\n";
        await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{line.Length:x}\r\n{line}\r\n"));
        Assert.True(await first);
        DeadEnd.Of(connection);
        var broken = await Assert.ThrowsAnyAsync<IOException>(async () => await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(SocketError.TimedOut, Assert.IsType<SocketException>(broken.GetBaseException()).SocketErrorCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("jane:pa%20ss@")]
    public async Task A_socks_proxy_is_used_when_the_configuration_names_one(string who)
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(Clients.Pod("a")), Authority.IssueServer("cluster.example"));
        // The name is the proxy's to look up: this machine does not know it.
        using var proxy = new Socks5Proxy(server.Address.Port, who.Length > 0 ? ("jane", "pa ss") : null);
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = new Uri("https://cluster.example:6443"), CertificateAuthorityPem = Authority.Pem, Proxy = new Uri($"socks5://{who}127.0.0.1:{proxy.Port}")
        });
        Assert.Equal("a", (await client.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
        Assert.Equal("cluster.example:6443", proxy.Target);
    }

    [Fact]
    public async Task A_socks_proxy_that_refuses_is_said_to_be_in_the_way()
    {
        using var proxy = new Socks5Proxy(1, ("jane", "right"));
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = new Uri("https://cluster.example:6443"), CertificateAuthorityPem = Authority.Pem, Proxy = new Uri($"socks5://jane:wrong@127.0.0.1:{proxy.Port}"), MaxRetries = 0
        });
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.Resource(Clients.Pods, "ns").GetAsync("a"));
        Assert.Contains("proxy", error.Message);
        Assert.DoesNotContain("wrong", error.ToString());
    }

    [Fact]
    public async Task Answers_are_asked_for_compressed_unless_told()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip"))
            {
                context.Response.Headers.ContentEncoding = "gzip";
                await using var gzip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
                await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Clients.Pod("compressed")));
                return;
            }
            await context.Response.WriteAsync(Clients.Pod("plain"));
        });
        using var client = Client(server.Address);
        Assert.Equal("compressed", (await client.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
        using var plain = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Address, DisableCompression = true });
        Assert.Equal("plain", (await plain.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
    }

    [Fact]
    public async Task A_proxy_is_used_when_the_configuration_names_one()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(Clients.Pod("a")), Authority.IssueServer("localhost"));
        using var wire = new Wire(server.Address.Port, connects: true);
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = server.Address, CertificateAuthorityPem = Authority.Pem, Proxy = new Uri($"http://user:pa%20ss@127.0.0.1:{wire.Port}")
        });
        Assert.Equal("a", (await client.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
        Assert.Contains($"CONNECT localhost:{server.Address.Port}", wire.Greeting);
    }

    /// <summary>A wire between client and server that can be cut so that neither notices: bytes go nowhere, connections stay open. Can be a proxy.</summary>
    sealed class Wire : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        readonly CancellationTokenSource _stop = new();
        readonly int _target;
        readonly bool _connects;
        volatile bool _isCut;

        public Wire(int target, bool connects = false)
        {
            (_target, _connects) = (target, connects);
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string Greeting { get; private set; } = "";

        public void Cut() => _isCut = true;

        async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                    var far = new TcpClient();
                    await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                    if (_connects) await AnswerConnectAsync(near.GetStream());
                    _ = PumpAsync(near.GetStream(), far.GetStream());
                    _ = PumpAsync(far.GetStream(), near.GetStream());
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or IOException)
            {
                // The test is over.
            }
        }

        async Task AnswerConnectAsync(NetworkStream near)
        {
            var buffer = new byte[4096];
            while (true)
            {
                Greeting += System.Text.Encoding.ASCII.GetString(buffer, 0, await near.ReadAsync(buffer, _stop.Token));
                if (!Greeting.EndsWith("\r\n\r\n")) continue;
                var knows = Greeting.Contains("Proxy-Authorization: Basic dXNlcjpwYSBzcw==");
                await near.WriteAsync(knows ? "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray() : "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                if (knows) return;
            }
        }

        async Task PumpAsync(NetworkStream from, NetworkStream to)
        {
            try
            {
                var buffer = new byte[8192];
                int count;
                while ((count = await from.ReadAsync(buffer, _stop.Token)) > 0)
                    if (!_isCut) await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
                to.Socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // One end is gone.
            }
        }

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Stop();
        }
    }
}
