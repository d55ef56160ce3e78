using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Sessions with pods whose clients do what no client should: bounded, ended with a word where there is one, and nobody else notices.</summary>
public sealed class HostileStreamTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string PortForward = $"{Pods}/p/portforward";
    private readonly TaskCompletionSource _floods = new();
    private readonly TaskCompletionSource _ended = new();
    private EmbeddedApiServer? _server;
    private SimulatedNode? _node;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Tls = false });
        _node = await SimulatedNode.StartAsync(_server, new PodSimulatorOptions
        {
            Processes = async process =>
            {
                if (process.Command is not ["flood"])
                {
                    return process.Command is ["app"] ? await Forever(process) : null;
                }
                _floods.TrySetResult();
                var bytes = new byte[1024 * 1024];
                try
                {
                    while (true)
                    {
                        await process.Output.WriteAsync(bytes, process.Killed);
                    }
                }
                finally
                {
                    // It is killed, or its output is broken: whichever is noticed first.
                    _ended.TrySetResult();
                }
            },
        });
        using var http = new HttpClient(_server.CreateHandler()) { BaseAddress = _server.Uri };
        (await http.PostAsync(Pods, new StringContent(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","command":["app"],"ports":[{"containerPort":8080}]}]}}""",
            Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();
        using var watching = await http.GetAsync($"{Pods}?watch=true", HttpCompletionOption.ResponseHeadersRead);
        using var watch = new WatchReader(watching, new StreamReader(await watching.Content.ReadAsStreamAsync()));
        while ((string?)(await watch.NextAsync())!["object"]!["status"]!["phase"] != "Running")
        {
        }
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    private static async Task<int?> Forever(SimulatedProcess process)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, process.Time, process.Killed);
        return 0;
    }

    [Fact]
    public async Task Streams_that_are_opened_and_reset_without_end_are_refused_and_the_session_goes_on()
    {
        await using var spdy = await RawSpdy.OpenAsync(_server!.Uri, $"{Pods}/p/exec?command=app&stdout=true", "v4.channel.k8s.io");
        await spdy.OpenStreamAsync(1, new KeyValuePair<string, string>("streamType", "error"));
        await spdy.OpenStreamAsync(3, new KeyValuePair<string, string>("streamType", "stdout"));
        var refused = 0;
        const int more = 400;

        for (var i = 0; i < more; i++)
        {
            await spdy.OpenStreamAsync((uint)(5 + 2 * i), new KeyValuePair<string, string>("streamType", "odd"));
            await spdy.ResetAsync((uint)(5 + 2 * i));
        }

        // Whoever turns streams away is not the one who reads them: nothing but the refusals themselves says that they are all there.
        while (refused < more && await spdy.ReadAsync() is { } frame)
        {
            refused += frame.Type == RawSpdy.RstStream ? 1 : 0;
        }
        // Two were asked for; everything else is turned away.
        Assert.Equal(more, refused);
        await OthersAreServedAsync();
    }

    [Fact]
    public async Task Halves_of_connections_that_never_get_their_other_half_hold_nobody_up()
    {
        await using var spdy = await RawSpdy.OpenAsync(_server!.Uri, PortForward, "portforward.k8s.io");
        static KeyValuePair<string, string>[] Half(string type, int request, int port) =>
            [new("streamType", type), new("requestID", $"{request}"), new("port", $"{port}")];
        for (var i = 0; i < 1000; i++)
        {
            await spdy.OpenStreamAsync((uint)(1 + 2 * i), Half("error", i, 8080));
            await spdy.ResetAsync((uint)(1 + 2 * i));
        }

        await spdy.OpenStreamAsync(5001, Half("error", 5000, 8080));
        await spdy.OpenStreamAsync(5003, Half("data", 5000, 8080));
        await spdy.DataAsync(5003, "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), last: true);

        var answer = "";
        while (!answer.Contains("default/p:8080", StringComparison.Ordinal) && await spdy.ReadAsync() is { } frame)
        {
            answer += frame is { Type: -1, Id: 5003 } ? Encoding.UTF8.GetString(frame.Body) : "";
        }
        Assert.Contains("default/p:8080", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RawSpdy.SynStream, 1024 * 1024)]
    [InlineData(RawSpdy.SynStream, 64)]
    public async Task A_control_frame_that_nobody_understands_ends_its_session_with_a_protocol_error(ushort type, int length)
    {
        await using var spdy = await RawSpdy.OpenAsync(_server!.Uri, PortForward, "portforward.k8s.io");

        await spdy.ControlAsync(type, new byte[length]);

        var frame = await spdy.ReadAsync();
        Assert.Equal(((int)RawSpdy.GoAway, 1), (frame!.Value.Type, (int)frame.Value.Body[7]));
        await OthersAreServedAsync();
    }

    [Fact]
    public async Task Data_for_streams_that_are_not_there_is_dropped()
    {
        await using var spdy = await RawSpdy.OpenAsync(_server!.Uri, PortForward, "portforward.k8s.io");

        await spdy.DataAsync(77, new byte[8 * 1024 * 1024]);
        await spdy.ControlAsync(RawSpdy.Ping, [0, 0, 0, 9]);

        Assert.Equal(RawSpdy.Ping, (await spdy.ReadAsync())!.Value.Type);
    }

    [Fact]
    public async Task Messages_on_channels_that_are_not_there_are_dropped_however_large()
    {
        using var socket = await OpenAsync("exec?command=cat&stdin=true&stdout=true");

        await socket.SendAsync((byte[])[77, .. new byte[8 * 1024 * 1024]], WebSocketMessageType.Binary, true, CancellationToken.None);
        await socket.SendAsync((byte[])[0, .. "hello"u8], WebSocketMessageType.Binary, true, CancellationToken.None);
        await socket.SendAsync((byte[])[255, 0, 9], WebSocketMessageType.Binary, true, CancellationToken.None);

        Assert.Equal("hello", await OutputAsync(socket));
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_only_its_own_process_which_ends_with_it()
    {
        using var socket = await OpenAsync("exec?command=flood&stdout=true");

        await _floods.Task.WaitAsync(TimeSpan.FromSeconds(29));
        await OthersAreServedAsync();
        socket.Abort();

        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Hundreds_of_sessions_at_once_are_all_served()
    {
        var outputs = await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            using var socket = await OpenAsync($"exec?command=echo&command={i}&stdout=true");
            return await OutputAsync(socket);
        }));

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}\n"), outputs);
    }

    [Fact]
    public async Task Headers_that_never_end_are_cut_off()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server!.Uri.Host, _server.Uri.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Pods}/p/exec?command=x&stdout=true HTTP/1.1\r\nHost: x\r\n"));
        var line = Encoding.ASCII.GetBytes($"X-More: {new string('x', 1000)}\r\n");
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                await stream.WriteAsync(line);
            }
        }
        catch (IOException)
        {
            // It has hung up already.
        }
        var answer = "";
        try
        {
            answer = await new StreamReader(stream).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // A reset takes along what was not read.
        }

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 431", StringComparison.Ordinal), answer);
        await OthersAreServedAsync();
    }

    private async Task OthersAreServedAsync()
    {
        using var socket = await OpenAsync("exec?command=echo&command=still+there&stdout=true");
        Assert.Equal("still there\n", await OutputAsync(socket));
    }

    private async Task<ClientWebSocket> OpenAsync(string request)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        await socket.ConnectAsync(new UriBuilder(new Uri(_server!.Uri, $"{Pods}/p/{request}")) { Scheme = "ws" }.Uri, CancellationToken.None);
        return socket;
    }

    /// <summary>All that is written to the first output.</summary>
    private static async Task<string> OutputAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var output = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, limit.Token) is { MessageType: not WebSocketMessageType.Close } part)
        {
            if (part.Count > 0 && buffer[0] == 1)
            {
                output.Append(Encoding.UTF8.GetString(buffer, 1, part.Count - 1));
            }
        }
        return output.ToString();
    }
}
