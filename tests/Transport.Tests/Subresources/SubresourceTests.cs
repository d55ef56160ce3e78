using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class SubresourceTests
{
    readonly FakeServer _server = new(asked => asked.Path.Contains("/log") ? FakeServer.Stream(new ScriptedStream().Feed("one\ntw").Feed("o\r\nthree").End(), "text/plain")
        : asked.Path.Contains("scale") ? FakeServer.Json("""{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"web"},"spec":{"replicas":3}}""")
        : asked.Path.Contains("token") ? FakeServer.Json("""{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","status":{"token":"t"}}""")
        : FakeServer.Json("""{"kind":"Status","apiVersion":"v1","status":"Success"}"""));

    readonly KubernetesClient _client;

    public SubresourceTests() => _client = Clients.Over(_server);

    [Fact]
    public async Task Logs_are_read_whole_or_line_by_line()
    {
        var pods = _client.CoreV1.Pods("ns");
        Assert.Equal("one\ntwo\r\nthree", await pods.ReadLogAsync("a"));
        Assert.Equal("/api/v1/namespaces/ns/pods/a/log", _server.Last.Path);
        var lines = await pods.ReadLogLinesAsync("a", new PodLogOptions
        {
            Container = "c", Follow = true, Previous = true, Since = TimeSpan.FromSeconds(1.5), SinceTime = DateTimeOffset.UnixEpoch, Timestamps = true, TailLines = 5, LimitBytes = 6
        }).CollectAsync();
        Assert.Equal(["one", "two", "three"], lines);
        Assert.Equal("/api/v1/namespaces/ns/pods/a/log?container=c&follow=true&previous=true&sinceSeconds=2&sinceTime=1970-01-01T00%3A00%3A00Z&timestamps=true&tailLines=5&limitBytes=6", _server.Last.Path);
        await Assert.ThrowsAsync<ArgumentException>(() => pods.ReadLogAsync("a", new PodLogOptions { Follow = true }));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.CoreV1.Pods().ReadLogAsync("a"));
    }

    [Theory]
    [InlineData("12345678\nab", 8, new[] { "12345678", "ab" })]
    [InlineData("12345678\r\nab", 8, new[] { "12345678", "ab" })]
    [InlineData("12345678", 8, new[] { "12345678" })]
    [InlineData("12345678\r", 8, new[] { "12345678" })]
    [InlineData("123456789\nab\n", 8, new[] { "12345678", "9", "ab" })]
    [InlineData("123456789", 8, new[] { "12345678", "9" })]
    [InlineData("12345678901234567\n\n\r\nx", 8, new[] { "12345678", "90123456", "7", "", "", "x" })]
    [InlineData("a\rb\n", 8, new[] { "a\rb" })]
    // A character is not cut: an umlaut has two bytes, an emoji four.
    [InlineData("1234567üab", 8, new[] { "1234567", "üab" })]
    [InlineData("12345😀ab\n", 8, new[] { "12345", "😀ab" })]
    [InlineData("1234😀ab\n", 8, new[] { "1234😀", "ab" })]
    [InlineData("😀😀\n", 4, new[] { "😀", "😀" })]
    [InlineData("", 8, new string[0])]
    public async Task A_line_longer_than_its_limit_comes_in_pieces(string log, int limit, string[] expected)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(log);
        // Whatever pieces the connection gives.
        for (var size = 1; size <= bytes.Length + 1; size++)
        {
            var connection = new ScriptedStream();
            foreach (var piece in bytes.Chunk(size)) connection.Feed(piece);
            _server.Answer = _ => Task.FromResult(FakeServer.Stream(connection.End(), "text/plain"));
            Assert.Equal(expected, await _client.CoreV1.Pods("ns").ReadLogLinesAsync("a", new PodLogOptions { MaxLineBytes = limit }).CollectAsync());
        }
    }

    [Fact]
    public async Task A_log_without_an_end_of_line_is_not_held()
    {
        // A gigabyte, were it read whole; the reader leaves after four pieces.
        const int piece = 64 * 1024;
        var line = new byte[piece];
        line.AsSpan().Fill((byte)'x');
        var connection = new ScriptedStream();
        for (var number = 0; number < 16 * 1024; number++) connection.Feed(line);
        _server.Answer = _ => Task.FromResult(FakeServer.Stream(connection, "text/plain"));
        var pieces = await _client.CoreV1.Pods("ns").ReadLogLinesAsync("a", new PodLogOptions { Follow = true }).CollectAsync(4);
        Assert.All(pieces, text => Assert.Equal(1024 * 1024, text.Length));
        Assert.InRange(connection.BytesTaken, 4 * 1024 * 1024, 7 * 1024 * 1024);
        foreach (var limit in (int[])[3, 0, -1, int.MaxValue])
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _client.CoreV1.Pods("ns").ReadLogLinesAsync("a", new PodLogOptions { MaxLineBytes = limit }).CollectAsync());
    }

    [Fact]
    public async Task Leaving_a_followed_log_closes_it()
    {
        var connection = new ScriptedStream().Feed("one\ntwo\n");
        _server.Answer = _ => Task.FromResult(FakeServer.Stream(connection, "text/plain"));
        await _client.CoreV1.Pods("ns").ReadLogLinesAsync("a", new PodLogOptions { Follow = true }).CollectAsync(1);
        Assert.Equal(1, connection.Disposals);
    }

    [Fact]
    public async Task Each_subresource_is_asked_as_the_api_has_it()
    {
        var deployments = _client.AppsV1.Deployments("ns");
        Assert.Equal(3, (await deployments.GetScaleAsync("web")).Spec.Replicas);
        Assert.Equal(("GET", "/apis/apps/v1/namespaces/ns/deployments/web/scale"), (_server.Last.Method, _server.Last.Path));
        await deployments.UpdateScaleAsync("web", new V1Scale { Metadata = new V1ObjectMeta { Name = "web" }, Spec = new V1ScaleSpec { Replicas = 4 } });
        Assert.Equal("PUT", _server.Last.Method);
        Assert.Contains("\"kind\":\"Scale\"", _server.Last.Body);

        await _client.CoreV1.Pods("ns").EvictAsync("a", new DeleteOptions { GracePeriodSeconds = 5 });
        Assert.Equal(("POST", "/api/v1/namespaces/ns/pods/a/eviction"), (_server.Last.Method, _server.Last.Path));
        Assert.Contains("\"gracePeriodSeconds\":5", _server.Last.Body);
        Assert.Contains("\"kind\":\"Eviction\"", _server.Last.Body);
        await _client.CoreV1.Pods("ns").BindAsync("a", "n1");
        Assert.Equal("/api/v1/namespaces/ns/pods/a/binding", _server.Last.Path);
        Assert.Contains("\"n1\"", _server.Last.Body);
        Assert.Equal("t", (await _client.CoreV1.ServiceAccounts("ns").CreateTokenAsync("default", new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = ["x"] } })).Status.Token);
        Assert.Equal("/api/v1/namespaces/ns/serviceaccounts/default/token", _server.Last.Path);
    }
}
