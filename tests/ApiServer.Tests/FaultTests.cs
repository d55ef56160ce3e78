using System.Net;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class FaultTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task A_rule_meets_as_many_requests_as_it_says_and_no_others()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Faults.Add(new FaultRule(FaultAction.Fail) { Verb = "create", Resource = "configmaps", StatusCode = 429, RetryAfterSeconds = 7, Times = 1 });

        var (other, _) = await server.SendAsync("GET", ConfigMaps);
        var (first, refused) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("a"));
        var (second, _) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("a"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.Created), (other, first, second));
        Assert.Equal(7, (int)refused["details"]!["retryAfterSeconds"]!);
    }

    [Theory]
    [InlineData(FaultAction.Conflict, HttpStatusCode.Conflict)]
    [InlineData(FaultAction.Expire, HttpStatusCode.Gone)]
    [InlineData(FaultAction.Fail, HttpStatusCode.InternalServerError)]
    public async Task Each_action_answers_as_a_real_server_would(FaultAction action, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        using var rule = server.Server.Faults.Add(new FaultRule(action) { Verb = "update" });

        var (code, _) = await server.SendAsync("PUT", $"{ConfigMaps}/a", TestServer.ConfigMap("a", "2"));

        Assert.Equal(expected, code);
    }

    [Fact]
    public async Task An_aborted_request_gets_no_answer_and_a_removed_rule_meets_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var rule = server.Server.Faults.Add(new FaultRule(FaultAction.Abort) { Resource = "configmaps" });

        await Assert.ThrowsAsync<HttpRequestException>(() => server.SendAsync("GET", ConfigMaps));
        rule.Dispose();

        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", ConfigMaps)).Code);
    }

    [Fact]
    public async Task A_delay_lasts_on_the_servers_clock()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Faults.Add(new FaultRule(FaultAction.Delay) { Verb = "list", Delay = TimeSpan.FromHours(1) });

        var answer = server.SendAsync("GET", ConfigMaps);
        Assert.False(answer.IsCompleted);
        while (!answer.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromHours(1));
            await Task.WhenAny(answer, Task.Run(() => { }));
        }

        Assert.Equal(HttpStatusCode.OK, (await answer).Code);
    }
}
