using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Tests.Shared;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class HostileInputTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_with_413()
    {
        await using var server = await TestServer.StartAsync();
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "big" }, ["data"] = new JsonObject { ["v"] = new string('x', 4 * 1024 * 1024) } };

        var (code, answer) = await server.SendAsync("POST", ConfigMaps, body);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge"), (code, (string)answer["reason"]!));
    }

    [Theory]
    [InlineData("application/json", '[', ']')]
    [InlineData("application/merge-patch+json", '[', ']')]
    public async Task Deep_nesting_is_refused_with_400(string contentType, char open, char close)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var text = $"{{\"data\":{new string(open, 100_000)}{new string(close, 100_000)}}}";
        using var request = new HttpRequestMessage(contentType.Contains("patch", StringComparison.Ordinal) ? HttpMethod.Patch : HttpMethod.Post,
            contentType.Contains("patch", StringComparison.Ordinal) ? $"{ConfigMaps}/a" : ConfigMaps) { Content = new StringContent(text, Encoding.UTF8, contentType) };

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/..%2f..%2fx")]
    [InlineData("/api/v1/../../etc/passwd")]
    [InlineData("/api//v1/namespaces//default")]
    [InlineData("/apis/%00/v1")]
    [InlineData("/api/v1/namespaces/default/configmaps?limit=999999999999999999999")]
    [InlineData("/api/v1/namespaces/default/configmaps?continue=%00%ff")]
    [InlineData("/api/v1/namespaces/default/configmaps?resourceVersion=-1")]
    public async Task Odd_paths_and_parameters_get_an_ordinary_answer(string path)
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.Http.GetAsync(path);

        Assert.InRange((int)response.StatusCode, 200, 500);
        Assert.NotNull(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Yaml_aliases_cannot_blow_up()
    {
        await using var server = await TestServer.StartAsync();
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            text.Append(null, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }
        using var content = new StringContent(text.ToString(), Encoding.UTF8, "application/yaml");

        using var response = await server.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Thousands_of_open_watches_leave_others_unaffected()
    {
        await using var server = await TestServer.StartAsync();
        var watches = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => server.WatchAsync($"{ConfigMaps}?watch=true&labelSelector=never%3Dmatches")));

        await server.CreateConfigMapAsync("a");

        Assert.Equal("1", (await server.OkAsync("GET", $"{ConfigMaps}/a"))["data"]!["v"]!.ToString());
        foreach (var watch in watches)
        {
            watch.Dispose();
        }
    }

    [Fact]
    public async Task A_hundred_megabytes_are_refused_before_they_have_arrived()
    {
        await using var server = await TestServer.StartAsync();
        await using var endless = new EndlessStream(100L * 1024 * 1024);
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = new StreamContent(endless) };
        request.Content.Headers.ContentType = new("application/json");

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.InRange(endless.Taken, 1, 8 * 1024 * 1024);
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_not_waited_for_for_ever()
    {
        await using var server = await TestServer.StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = new StreamContent(new StuckStream(asked)) };
        request.Content.Headers.ContentType = new("application/json");

        var sent = server.Http.SendAsync(request);
        await asked.Task;
        Assert.False(sent.IsCompleted);
        server.Time.Advance(ActorKube.ApiServer.BodyReader.Patience);
        using var response = await sent;

        Assert.Equal(HttpStatusCode.RequestTimeout, response.StatusCode);
    }

    [Theory]
    [InlineData("application/json", "7B22FF223A317D")]
    [InlineData("application/json", "FFFE7B007D00")]
    [InlineData("application/json", "")]
    [InlineData("application/json", "1F8B0800000000000003")]
    [InlineData("application/yaml", "FFFE613A2031")]
    [InlineData("application/yaml", "613A205B")]
    [InlineData("application/vnd.kubernetes.protobuf", "6B3873000AFFFFFFFF7F")]
    [InlineData("application/vnd.kubernetes.protobuf", "6B387300")]
    [InlineData("application/vnd.kubernetes.protobuf", "00112233")]
    public async Task Bytes_that_are_no_object_are_refused_with_400(string contentType, string hex)
    {
        await using var server = await TestServer.StartAsync();
        using var content = new ByteArrayContent(Convert.FromHexString(hex));
        content.Headers.ContentType = new(contentType);

        using var response = await server.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Failure", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status"]!.ToString());
    }

    [Fact]
    public async Task Patches_of_too_many_operations_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var operations = new JsonArray([.. Enumerable.Range(0, 10_001).Select(_ => JsonNode.Parse("""{"op":"test","path":"/kind","value":"ConfigMap"}"""))]);

        var (code, _) = await server.SendAsync("PATCH", $"{ConfigMaps}/a", operations, "application/json-patch+json");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, code);
    }

    [Theory]
    [InlineData("GET /api/v1/namespaces/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", 403, 404)]
    [InlineData("GET /api/v1/namespaces/default/configmaps/a%2F..%2Fb HTTP/1.1", 403, 404)]
    [InlineData("GET //api//v1///namespaces HTTP/1.1", 200, 404)]
    [InlineData("GET /api/v1/namespaces/%zz HTTP/1.1", 400, 404)]
    [InlineData("GET /api/v1/namespaces/%00 HTTP/1.1", 400, 404)]
    [InlineData("GET /api/v1/namespaces/%c0%ae HTTP/1.1", 400, 404)]
    [InlineData("GET http://elsewhere/api HTTP/1.1", 200, 400)]
    [InlineData("NONSENSE", 400, 400)]
    [InlineData("GET /api HTTP/9.9", 400, 505)]
    [InlineData("TRACE /api/v1/namespaces/default HTTP/1.1", 400, 405)]
    public async Task Tricks_with_paths_and_request_lines_get_a_clear_answer_and_disturb_nobody(string line, int lowest, int highest)
    {
        await using var server = await ActorKube.ApiServer.EmbeddedApiServer.StartAsync(new ActorKube.ApiServer.EmbeddedApiServerOptions { Tls = false });
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Uri.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n"));

        using var reader = new StreamReader(stream);
        var status = int.Parse((await reader.ReadLineAsync())!.Split(' ')[1], null);

        Assert.InRange(status, lowest, highest);
        using var http = new HttpClient { BaseAddress = server.Uri };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/v1/namespaces/default")).StatusCode);
    }

    /// <summary>Spaces without end, as far as one looks.</summary>
    private sealed class EndlessStream(long length) : ReadOnlyStream
    {
        public long Taken { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var taken = (int)Math.Min(count, length - Taken);
            buffer.AsSpan(offset, taken).Fill((byte)' ');
            Taken += taken;
            return taken;
        }
    }

    /// <summary>One byte, and then nothing more.</summary>
    private sealed class StuckStream(TaskCompletionSource asked) : ReadOnlyStream
    {
        private bool _begun;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_begun)
            {
                _begun = true;
                buffer.Span[0] = (byte)'{';
                return 1;
            }
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
