using System.Net;
using ActorKube.Models;
using ActorKube.Transport;

namespace Transport.Tests;

public sealed class RetryTests
{
    readonly ManualTime _time = new();

    IResourceClient Pods(FakeServer server, KubernetesClientConfiguration? configuration = null) =>
        Clients.Over(server, configuration, _time).Resource(Clients.Pods, "ns");

    static KubeObject Pod => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(Clients.Pod("a")));

    /// <summary>Lets the client wait as often as it wants, and says for how long each time.</summary>
    async Task<List<TimeSpan>> DrainAsync(Task call, TimeSpan atLeast)
    {
        var waits = new List<TimeSpan>();
        while (!call.IsCompleted)
        {
            var timer = _time.WaitForTimerAsync(TimeSpan.Zero);
            if (await Task.WhenAny(call, timer) == call) break;
            var due = _time.Waiting.Where(wait => wait >= atLeast && wait < TimeSpan.FromMinutes(2)).ToArray();
            if (due.Length == 0)
            {
                await Task.Yield();
                continue;
            }
            waits.Add(due[0]);
            _time.Advance(due[0]);
        }
        return waits;
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task The_servers_wish_to_wait_is_followed_for_every_verb(int code)
    {
        var server = new FakeServer(asked => asked.Number < 3 ? FakeServer.Status((HttpStatusCode)code, "X", retryAfter: "7") : FakeServer.Json(Clients.Pod("a")));
        var call = Pods(server).CreateAsync(Pod);
        Assert.Equal([7, 7], (await DrainAsync(call, TimeSpan.FromSeconds(1))).Select(wait => wait.TotalSeconds));
        Assert.Equal("a", (await call).Name);
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, asked => Assert.Equal(Clients.Pod("a"), asked.Body));
    }

    [Fact]
    public async Task Ten_retries_are_enough()
    {
        var server = new FakeServer(_ => FakeServer.Status(HttpStatusCode.TooManyRequests, "TooManyRequests", retryAfter: "1"));
        var call = Pods(server).GetAsync("a");
        Assert.Equal(10, (await DrainAsync(call, TimeSpan.FromSeconds(1))).Count);
        var error = await Assert.ThrowsAsync<KubernetesException>(() => call);
        Assert.Equal(11, server.Requests.Count);
        Assert.Equal(TimeSpan.FromSeconds(1), error.SuggestsClientDelay);
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(503, null)]
    [InlineData(503, "3600")]
    [InlineData(409, "1")]
    public async Task Without_a_sensible_wish_the_caller_decides(int code, string? retryAfter)
    {
        var server = new FakeServer(_ => FakeServer.Status((HttpStatusCode)code, "X", retryAfter: retryAfter));
        await Assert.ThrowsAsync<KubernetesException>(() => Pods(server).GetAsync("a"));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_read_whose_connection_broke_is_sent_again()
    {
        var server = new FakeServer(asked => asked.Number == 1
            ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended") : FakeServer.Json(Clients.Pod("a")));
        var call = Pods(server).GetAsync("a");
        await DrainAsync(call, TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", (await call).Name);
    }

    [Fact]
    public async Task A_list_that_broke_in_the_middle_is_read_again()
    {
        var server = new FakeServer(asked => asked.Number == 1
            ? FakeServer.Stream(new ScriptedStream().Feed("""{"kind":"PodList","items":[""").End(new IOException("reset")))
            : FakeServer.Json("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}"""));
        var call = Pods(server).ListAsync();
        await DrainAsync(call, TimeSpan.FromMilliseconds(1));
        Assert.Equal("5", (await call).ResourceVersion);
    }

    [Fact]
    public async Task A_write_whose_connection_broke_is_not_sent_again()
    {
        var server = FakeServer.Failing(new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Pods(server).CreateAsync(Pod));
        Assert.Contains("broke before it had answered", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_not_asked_again()
    {
        var server = FakeServer.Failing(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Pods(server).GetAsync("a"));
        Assert.Contains("http://server:8080 cannot be reached", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_request_does_not_wait_forever()
    {
        var server = new FakeServer(_ => new TaskCompletionSource<HttpResponseMessage>().Task);
        var call = Pods(server).GetAsync("a");
        await _time.WaitForTimerAsync(TimeSpan.FromMinutes(2));
        _time.Advance(TimeSpan.FromMinutes(2));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Contains("within 120 s", error.Message);
    }

    [Fact]
    public async Task An_answer_that_stops_in_the_middle_does_not_wait_forever()
    {
        var body = new ScriptedStream().Feed("""{"kind":"Pod",""");
        var call = Pods(new FakeServer(_ => FakeServer.Stream(body))).GetAsync("a");
        await body.ReaderWaits;
        _time.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Cancelling_is_told_apart_from_a_timeout()
    {
        using var stop = new CancellationTokenSource();
        var call = Pods(new FakeServer(_ => new TaskCompletionSource<HttpResponseMessage>().Task)).GetAsync("a", cancellation: stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task The_clients_rate_limit_lets_a_burst_pass_and_then_a_steady_rate()
    {
        var server = new FakeServer(_ => FakeServer.Json(Clients.Pod("a")));
        var pods = Pods(server, Clients.Configuration with { Qps = 0, Burst = 0, Timeout = Timeout.InfiniteTimeSpan });
        for (var count = 0; count < KubernetesClientConfiguration.DefaultBurst; count++) await pods.GetAsync("a");
        var first = pods.GetAsync("a");
        var second = pods.GetAsync("a");
        Assert.Equal([200, 400], _time.Waiting.Select(wait => wait.TotalMilliseconds));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await first;
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await second;

        // A caller that gives up gives its place back.
        using var stop = new CancellationTokenSource();
        var third = pods.GetAsync("a", cancellation: stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        _ = pods.GetAsync("a");
        Assert.Equal(200, _time.Waiting.Single().TotalMilliseconds);
    }

    [Fact]
    public async Task A_rate_limit_may_be_shared_by_clients_or_be_one_requests_own()
    {
        var shared = new RequestRateLimiter(1, 2, _time);
        var server = new FakeServer(_ => FakeServer.Json("{}"));
        RestRequest Request() => new KubernetesClient(Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan }, new KubernetesClientOptions
        {
            Handler = server, Time = _time, RateLimiter = shared
        }).Rest.Get().AbsPath("/x");
        await Request().DoAsync();
        await Request().DoAsync();
        var third = Request().DoAsync();
        Assert.Equal(1000, _time.Waiting.Single().TotalMilliseconds);
        // Neither a request without a limit nor one with a limit of its own waits for it.
        await Request().Throttle(false).DoAsync();
        await Request().Throttle(new RequestRateLimiter(1, 1, _time)).DoAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await third;
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task A_host_that_fails_is_left_alone_longer_each_time()
    {
        var backoff = new RequestBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), _time);
        var address = new Uri("http://server:8080/x");
        var server = new FakeServer(_ => FakeServer.Status(HttpStatusCode.InternalServerError, "InternalError"));
        var client = Clients.Over(server, time: _time);
        var request = client.Rest.Get().AbsPath("/x").BackOff(backoff);
        await request.DoAsync();
        foreach (var expected in new[] { 1, 2, 3, 3 })
        {
            Assert.Equal(expected, backoff.DelayFor(address).TotalSeconds);
            var call = request.DoAsync();
            Assert.False(call.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(expected));
            await call;
        }
        server.Answer = _ => Task.FromResult(FakeServer.Json("{}"));
        var last = request.DoAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        await last;
        Assert.Equal(TimeSpan.Zero, backoff.DelayFor(address));
    }

    [Fact]
    public async Task A_clients_backoff_holds_for_all_its_requests_but_those_that_have_another()
    {
        var backoff = new RequestBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), _time);
        var server = new FakeServer(_ => FakeServer.Status(HttpStatusCode.InternalServerError, "InternalError"));
        using var client = new KubernetesClient(Clients.Configuration, new KubernetesClientOptions { Handler = server, Time = _time, Backoff = backoff });
        var pods = client.Resource(Clients.Pods, "ns");
        await Assert.ThrowsAsync<KubernetesException>(() => pods.GetAsync("a"));
        var held = pods.GetAsync("a");
        Assert.Single(server.Requests);
        await client.Rest.Get().AbsPath("/x").BackOff(null).DoAsync();
        Assert.Equal(2, server.Requests.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<KubernetesException>(() => held);
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(2, backoff.DelayFor(new Uri("http://server:8080/")).TotalSeconds);
    }
}
