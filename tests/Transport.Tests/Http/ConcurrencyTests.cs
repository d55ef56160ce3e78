using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

public sealed class ConcurrencyTests
{
    const int Callers = 64;

    /// <summary>Each caller asks for names of its own, one after another, and gets each of them.</summary>
    static Task AskAsync(KubernetesClient client, int requests)
    {
        var pods = client.Resource(Clients.Pods, "ns");
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var number = 0; number < requests; number++)
            {
                var name = $"pod-{caller}-{number}";
                var pod = await pods.GetAsync(name).ConfigureAwait(false);
                if (pod.Name != name) Assert.Fail($"{name} was asked for and {pod.Name} came.");
            }
        })));
    }

    [Fact]
    public async Task Sixty_four_callers_of_ten_thousand_requests_lose_nothing_mix_nothing_up_and_share_their_connections()
    {
        const int requests = 10_000;
        using var server = new PodEcho();
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Address, Qps = -1 });
        await AskAsync(client, requests);
        Assert.Equal(Callers * requests, server.Requests);
        Assert.InRange(server.Connections, 1, Callers);
    }

    [Fact]
    public async Task Over_http2_one_connection_carries_them_all()
    {
        const int requests = 200;
        var authority = new TestAuthority();
        var used = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        var count = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            used.TryAdd(context.Connection.Id, true);
            Interlocked.Increment(ref count);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Clients.Pod(context.Request.Path.Value!.Split('/')[^1]));
        }, authority.IssueServer("localhost"));
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorityPem = authority.Pem, Qps = -1 });
        await AskAsync(client, requests);
        Assert.Equal(Callers * requests, count);
        // A second one may be opened before the server has said how many streams the first may carry.
        Assert.InRange(used.Count, 1, 2);
    }
}
