using System.Net;
using System.Net.Sockets;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

/// <summary>Every number of the configuration does what it says, on a clock that the tests move. Their defaults are held by Hosting's ConstantsTests, beside docs/operating.md.</summary>
public sealed class SettingsTests : IDisposable
{
    readonly TempDirectory _files = new();
    readonly ManualTime _time = new();

    public void Dispose() => _files.Dispose();

    static readonly KubernetesClientConfiguration Base = Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan };

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    KubernetesClient Over(FakeServer server, KubernetesClientConfiguration configuration) => Clients.Over(server, configuration, _time);

    [Fact]
    public async Task Token_file_is_read_again_when_its_life_less_the_leeway_is_over()
    {
        var server = new FakeServer(_ => FakeServer.Json("{}"));
        var file = _files.Write("token", "one");
        var client = Over(server, Base with { TokenFile = file, Credentials = new CredentialSettings { TokenFileLife = Seconds(20), TokenLeeway = Seconds(5) } });
        async Task<string> Sent()
        {
            await client.Rest.Get().AbsPath("/x").DoAsync();
            return server.Last.Headers["Authorization"];
        }
        Assert.Equal("Bearer one", await Sent());
        File.WriteAllText(file, "two");
        _time.Advance(Seconds(15) - Tick);
        Assert.Equal("Bearer one", await Sent());
        _time.Advance(Tick);
        Assert.Equal("Bearer two", await Sent());
    }

    [Fact]
    public async Task Id_token_is_renewed_the_leeway_before_its_end()
    {
        static string Jwt(DateTimeOffset end) => $"e30.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""{"exp":{{end.ToUnixTimeSeconds()}}}"""))}.sig";
        var (old, renewed) = (Jwt(_time.GetUtcNow() + Seconds(60)), Jwt(_time.GetUtcNow() + Seconds(600)));
        var issuer = new FakeServer(asked => FakeServer.Json(asked.Method == "GET" ? """{"token_endpoint":"https://issuer/token"}""" : $$"""{"id_token":"{{renewed}}"}"""));
        var provider = new AuthProvider("oidc", new Dictionary<string, string>
        {
            ["idp-issuer-url"] = "https://issuer", ["client-id"] = "c", ["refresh-token"] = "r", ["id-token"] = old
        });
        using var source = new OidcTokenSource(provider, Base with { Credentials = new CredentialSettings { TokenLeeway = Seconds(25) } }, _time, issuer);
        _time.Advance(Seconds(35) - Tick);
        Assert.Equal("Bearer " + old, (await source.GetAsync(default))!.Value);
        _time.Advance(Tick);
        Assert.Equal("Bearer " + renewed, (await source.GetAsync(default))!.Value);
    }

    [Fact]
    public void Certificates_are_looked_at_again_as_often_as_is_said()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var authority = new TestAuthority();
        var file = _files.Write("c.pem", authority.IssueClient("first", key).ExportCertificatePem());
        var source = new ClientIdentitySource(Base with { ClientCertificateFile = file, ClientKeyPem = key.ExportPkcs8PrivateKeyPem(), Credentials = new CredentialSettings { CertificateReload = Seconds(7) } },
            _time, new CollectingLogs());
        var first = source.Current;
        File.WriteAllText(file, authority.IssueClient("second", key).ExportCertificatePem());
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        _time.Advance(Seconds(7) - Tick);
        Assert.Same(first, source.Current);
        _time.Advance(Tick);
        Assert.NotSame(first, source.Current);
    }

    [Fact]
    public async Task Plugin_is_stopped_after_the_time_that_it_is_given()
    {
        var call = Over(new FakeServer(_ => FakeServer.Json("{}")), Base with
        {
            Exec = new ExecCredentialPlugin { Command = "/bin/sh", Arguments = ["-c", "sleep 1000"], ApiVersion = "client.authentication.k8s.io/v1", InteractiveMode = ExecInteractiveMode.Never },
            Credentials = new CredentialSettings { ExecTimeout = Seconds(7.5) }
        }).Rest.Get().AbsPath("/x").DoAsync();
        Assert.Equal(Seconds(7.5), await _time.WaitForTimerAsync(Seconds(7)));
        _time.Advance(Seconds(7.5));
        Assert.Contains("did not end within 7.5 s", (await Assert.ThrowsAsync<KubeConfigException>(() => call)).Message);
    }

    [LinuxFact("a listener whose queue is full lets who comes wait there alone")]
    public async Task Connection_is_given_up_that_is_not_made_in_the_time_for_dialling()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(listener.LocalEndPoint!);
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        using var client = new KubernetesClient(Base with { Server = address, Connections = new ConnectionSettings { DialTimeout = Seconds(300) } }, new KubernetesClientOptions { Time = _time });
        var call = client.Rest.Get().AbsPath("/x").DoAsync();
        Assert.Equal(Seconds(300), await _time.WaitForTimerAsync(Seconds(1)));
        _time.Advance(Seconds(300));
        Assert.Contains("cannot be reached (connect timed out)", (await Assert.ThrowsAsync<HttpRequestException>(() => call.WaitAsync(Seconds(20)))).Message);
    }

    [Fact]
    public async Task Connection_is_given_up_whose_tls_handshake_is_not_over_in_time()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var address = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        using var client = new KubernetesClient(Base with { Server = address, Connections = new ConnectionSettings { DialTimeout = Seconds(30), TlsHandshakeTimeout = Seconds(300) } },
            new KubernetesClientOptions { Time = _time });
        var call = client.Rest.Get().AbsPath("/x").DoAsync();
        Assert.Equal(Seconds(300), await _time.WaitForTimerAsync(Seconds(31)));
        _time.Advance(Seconds(300));
        Assert.Contains($"No secure connection to the API server {address.GetLeftPart(UriPartial.Authority)} (the TLS handshake was not over within 300 s)",
            (await Assert.ThrowsAsync<HttpRequestException>(() => call.WaitAsync(Seconds(20)))).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handshake_that_is_over_limits_its_connection_no_more(bool inLines)
    {
        var authority = new TestAuthority();
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(context.Connection.Id), authority.IssueServer("localhost"));
        using var client = new KubernetesClient(
            Base with { Server = server.Address, CertificateAuthorityPem = authority.Pem, Impersonation = inLines ? new Impersonation { User = "u", Groups = ["a", "b"] } : Impersonation.None },
            new KubernetesClientOptions { Time = _time });
        var first = await client.Rest.Get().AbsPath("/x").DoRawAsync();
        Assert.Empty(_time.Waiting);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(first, await client.Rest.Get().AbsPath("/x").DoRawAsync());
    }

    [Fact]
    public async Task Discovery_has_a_time_limit_of_its_own()
    {
        var client = Over(new FakeServer(_ => new TaskCompletionSource<HttpResponseMessage>().Task), Base with { Discovery = new DiscoverySettings { Timeout = Seconds(11) } });
        var call = client.Discovery.GetVersionAsync();
        Assert.Equal(Seconds(11), await _time.WaitForTimerAsync(Seconds(1)));
        _time.Advance(Seconds(11));
        Assert.Contains("within 11 s", (await Assert.ThrowsAsync<HttpRequestException>(() => call)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Discovery_is_tried_again_as_often_as_is_said(int retries)
    {
        var server = new FakeServer(_ => FakeServer.Status(HttpStatusCode.TooManyRequests, "TooManyRequests", retryAfter: "0"));
        await Assert.ThrowsAsync<KubernetesException>(() => Over(server, Base with { MaxRetries = 7, Discovery = new DiscoverySettings { MaxRetries = retries } }).Discovery.GetVersionAsync());
        Assert.Equal(1 + retries, server.Requests.Count);
    }

    [Fact]
    public async Task Discovery_has_a_burst_of_its_own_and_then_goes_at_the_clients_rate()
    {
        var server = new FakeServer(_ => FakeServer.Json("{}"));
        var client = Over(server, Base with { Qps = 2, Burst = 1, Discovery = new DiscoverySettings { Burst = 3 } });
        for (var number = 0; number < 3; number++) await client.Discovery.GetVersionAsync();
        var held = client.Discovery.GetVersionAsync();
        Assert.Equal(Seconds(0.5), Assert.Single(_time.Waiting));
        // The client's own limit knows nothing of all that.
        await client.Rest.Get().AbsPath("/x").DoAsync();
        _time.Advance(Seconds(0.5));
        await held;
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task Watch_that_goes_on_by_itself_connects_as_often_as_is_said()
    {
        var server = new FakeServer(asked => FakeServer.Json(asked.Number < 3 ? "" : Clients.Event("ADDED", Clients.Pod("a", "9"))));
        using var stop = new CancellationTokenSource();
        await using var events = Over(server, Base with { WatchRestart = Seconds(9) }).ListWatch(Clients.Pods).ResumeAsync("5", time: _time, cancellation: stop.Token).GetAsyncEnumerator();
        var first = events.MoveNextAsync();
        for (var number = 1; number < 3; number++)
        {
            // Beside the silence that a watch may keep there is but the wait for the next.
            Assert.Equal(Seconds(9), await _time.WaitForTimerAsync(Seconds(9)));
            Assert.Equal(number, server.Requests.Count);
            _time.Advance(Seconds(9));
        }
        Assert.True(await first);
        Assert.Equal(3, server.Requests.Count);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task Waits_for_the_rate_limit_are_logged_as_they_are_long()
    {
        var logs = new CollectingLogs();
        using var client = new KubernetesClient(Base with { Qps = 1, Burst = 1, LogDetail = RequestLogDetail.None, LogThrottleAfter = Seconds(1), LogLongThrottleAfter = Seconds(2) },
            new KubernetesClientOptions { Handler = new FakeServer(_ => FakeServer.Json("{}")), Time = _time, LoggerFactory = logs });
        var calls = Enumerable.Range(0, 5).Select(_ => client.Rest.Get().AbsPath("/x").DoAsync()).ToArray();
        for (var second = 0; second < 4; second++) _time.Advance(Seconds(1));
        await Task.WhenAll(calls);
        Assert.Equal(["Debug by 2.00 s", "Information by 3.0 s", "Information by 4.0 s"],
            logs.Lines.Where(line => line.Contains("own rate limit")).Select(line => $"{line.Split(' ')[0]} by {line.Split(" by ")[1].Split(':')[0]}"));
    }

    public static TheoryData<string, KubernetesClientConfiguration> Nonsense() => new()
    {
        { "Qps", Base with { Qps = double.NaN } },
        { "Burst", Base with { Burst = -1 } },
        { "MaxRetries", Base with { MaxRetries = -1 } },
        { "Timeout", Base with { Timeout = TimeSpan.Zero } },
        { "WatchIdleTimeout", Base with { WatchIdleTimeout = TimeSpan.Zero } },
        { "WatchRestart", Base with { WatchRestart = -Tick } },
        { "LogThrottleAfter", Base with { LogThrottleAfter = -Tick } },
        { "LogLongThrottleAfter", Base with { LogLongThrottleAfter = Tick } },
        { "Connections.DialTimeout", Base with { Connections = new ConnectionSettings { DialTimeout = TimeSpan.Zero } } },
        { "Connections.TlsHandshakeTimeout", Base with { Connections = new ConnectionSettings { TlsHandshakeTimeout = TimeSpan.Zero } } },
        { "Connections.KeepAlive", Base with { Connections = new ConnectionSettings { KeepAlive = Seconds(0.9) } } },
        { "Connections.ReadIdleTimeout", Base with { Connections = new ConnectionSettings { ReadIdleTimeout = Seconds(0.9) } } },
        { "Connections.PingTimeout", Base with { Connections = new ConnectionSettings { PingTimeout = Seconds(0.9) } } },
        { "Credentials.TokenLeeway", Base with { Credentials = new CredentialSettings { TokenLeeway = -Tick } } },
        { "Credentials.TokenFileLife", Base with { Credentials = new CredentialSettings { TokenFileLife = Seconds(10) } } },
        { "Credentials.CertificateReload", Base with { Credentials = new CredentialSettings { CertificateReload = TimeSpan.Zero } } },
        { "Credentials.ExecTimeout", Base with { Credentials = new CredentialSettings { ExecTimeout = TimeSpan.Zero } } },
        { "Discovery.Timeout", Base with { Discovery = new DiscoverySettings { Timeout = TimeSpan.Zero } } },
        { "Discovery.MaxRetries", Base with { Discovery = new DiscoverySettings { MaxRetries = -1 } } },
        { "Discovery.Burst", Base with { Discovery = new DiscoverySettings { Burst = 0 } } },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Number_that_makes_no_sense_is_refused_with_its_name(string option, KubernetesClientConfiguration configuration) =>
        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(() => new KubernetesClient(configuration)).ParamName);

    [Fact]
    public void Client_without_credentials_keeps_every_number()
    {
        var said = Base with
        {
            WatchRestart = Seconds(9), LogThrottleAfter = Seconds(1), LogLongThrottleAfter = Seconds(2), Connections = new ConnectionSettings { DialTimeout = Seconds(1) },
            Credentials = new CredentialSettings { TokenLeeway = Seconds(1) }, Discovery = new DiscoverySettings { Burst = 1 }
        };
        Assert.Equal(said, said.Anonymous());
    }
}
