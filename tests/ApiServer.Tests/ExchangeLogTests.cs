using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class ExchangeLogTests
{
    [Fact]
    public async Task Every_exchange_is_there_with_what_was_sent_and_answered()
    {
        await using var server = await StartAsync();
        await server.CreateConfigMapAsync("a", "sent");
        await server.SendAsync("GET", $"{TestServer.ConfigMaps}/none");
        using var watch = await server.WatchAsync($"{TestServer.ConfigMaps}?watch=true&resourceVersion=0");
        await watch.NextAsync();

        var exchanges = server.Server.Exchanges;

        Assert.Equal(["POST 201", "GET 404", "GET "], exchanges.Select(e => $"{e.Method} {e.StatusCode}"));
        Assert.Contains("\"v\":\"sent\"", exchanges[0].RequestBody, StringComparison.Ordinal);
        Assert.Contains("\"uid\"", exchanges[0].ResponseBody, StringComparison.Ordinal);
        Assert.Equal("tests/1.0", exchanges[0].UserAgent);
        Assert.Contains("NotFound", exchanges[1].ResponseBody, StringComparison.Ordinal);
        Assert.Null(exchanges[2].Duration);
        Assert.Contains("ADDED", exchanges[2].ResponseBody, StringComparison.Ordinal);
        using var text = new StringWriter();
        server.Server.WriteExchanges(text);
        Assert.Contains($"GET {TestServer.ConfigMaps}/none -> 404", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("goes on", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_and_tokens_never_enter_it()
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", server.Server.Token);
        await server.OkAsync("POST", "/api/v1/namespaces/default/secrets", JsonNode.Parse("""{"metadata":{"name":"s"},"stringData":{"k":"hush"}}"""));
        await server.OkAsync("GET", "/api/v1/namespaces/default/secrets");
        await server.OkAsync("GET", "/api?access_token=hush&x=1");
        await server.OkAsync("POST", "/api/v1/namespaces/default/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"sa"}}"""));
        var token = (string?)(await server.OkAsync("POST", "/api/v1/namespaces/default/serviceaccounts/sa/token", JsonNode.Parse("""{"spec":{}}""")))["status"]!["token"];
        await server.OkAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", JsonNode.Parse($$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"{{{token}}}"}}"""));

        using var text = new StringWriter();
        server.Server.WriteExchanges(text);

        Assert.Equal(6, server.Server.Exchanges.Count);
        Assert.DoesNotContain("hush", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("aHVzaA", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token!, text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Server.Token, text.ToString(), StringComparison.Ordinal);
        Assert.Contains("x=1", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_keeps_what_it_is_told_to_and_no_more()
    {
        await using var server = await StartAsync(new ExchangeLogOptions { Exchanges = 2, BodyBytes = 10 });
        for (var i = 0; i < 5; i++)
        {
            await server.CreateConfigMapAsync($"c{i}");
        }

        Assert.Equal([4L, 5L], server.Server.Exchanges.Select(e => e.Number));
        Assert.All(server.Server.Exchanges, e => Assert.Matches("^.{10}… \\([0-9]+ bytes\\)$", e.RequestBody));
    }

    [Fact]
    public async Task Without_being_asked_for_nothing_is_kept()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");

        Assert.Empty(server.Server.Exchanges);
    }

    private static Task<TestServer> StartAsync(ExchangeLogOptions? options = null) => TestServer.StartAsync(o => o with { Exchanges = options ?? new ExchangeLogOptions() });
}
