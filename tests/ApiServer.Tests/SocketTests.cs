using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorKube.ApiServer;

namespace ApiServer.Tests;

public sealed class SocketTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Serves_over_tls_with_its_own_authority(string version)
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        using var http = Trusting(server);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/default") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = new("Bearer", server.Token);

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal("https", server.Uri.Scheme);
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(server.Uri.Host)));
    }

    [Fact]
    public async Task Without_a_token_objects_are_forbidden_and_a_wrong_one_is_refused()
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        using var http = Trusting(server);

        using var anonymous = await http.GetAsync("/api/v1/namespaces");
        using var health = await http.GetAsync("/healthz");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        using var wrong = await http.GetAsync("/api/v1/namespaces");

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (anonymous.StatusCode, health.StatusCode, wrong.StatusCode));
    }

    [Fact]
    public async Task A_port_in_use_is_an_io_error()
    {
        await using var first = await EmbeddedApiServer.StartAsync();

        await Assert.ThrowsAsync<IOException>(() => EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Port = first.Uri.Port }));
    }

    [Fact]
    public async Task The_kubeconfig_is_for_its_owner_alone()
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), $"actorkube-{Guid.NewGuid():N}", "config");
        try
        {
            await server.WriteKubeconfigAsync(path);

            Assert.Equal(server.Kubeconfig, await File.ReadAllTextAsync(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public async Task Leaves_signals_to_its_caller()
    {
        await using var server = await EmbeddedApiServer.StartAsync();

        Assert.IsType<CallersLifetime>(server.Lifetime);
    }

    [Fact]
    public async Task Hundreds_of_servers_live_side_by_side()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false })));

        foreach (var server in servers)
        {
            using var http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri };
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/v1/namespaces/default")).StatusCode);
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_hundred_watchers_over_tls_see_every_write_once_and_in_order()
    {
        const int watchers = 200;
        const int writes = 100;
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { FurnishNamespaces = false });
        using var http = Trusting(server);
        http.DefaultRequestHeaders.Authorization = new("Bearer", server.Token);
        http.Timeout = Timeout.InfiniteTimeSpan;
        const string path = "/api/v1/namespaces/default/configmaps";
        var watches = new List<StreamReader>();
        for (var i = 0; i < watchers; i++)
        {
            var answer = await http.GetAsync($"{path}?watch=true", HttpCompletionOption.ResponseHeadersRead);
            watches.Add(new StreamReader(await answer.Content.ReadAsStreamAsync()));
        }

        var reading = watches.Select(async watch =>
        {
            var seen = new List<string>();
            while (seen.Count < writes)
            {
                seen.Add((await watch.ReadLineAsync())!);
            }
            return seen;
        }).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < writes / 4; i++)
            {
                using var created = await http.PostAsync(path, new StringContent($$$"""{"metadata":{"name":"w{{{writer}}}-{{{i}}}"}}""", System.Text.Encoding.UTF8, "application/json"));
                Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            }
        }));

        var all = await Task.WhenAll(reading);
        Assert.Equal(writes, all[0].Distinct().Count());
        Assert.Equal(all[0].Select(Version).Order(), all[0].Select(Version));
        Assert.All(all, seen => Assert.Equal(all[0], seen));
        watches.ForEach(w => w.Dispose());

        static long Version(string line) => long.Parse((string)System.Text.Json.Nodes.JsonNode.Parse(line)!["object"]!["metadata"]!["resourceVersion"]!, null);
    }

    private static HttpClient Trusting(EmbeddedApiServer server)
    {
        var authority = X509Certificate2.CreateFromPem(server.CaPem);
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        }) { BaseAddress = server.Uri };
    }
}
