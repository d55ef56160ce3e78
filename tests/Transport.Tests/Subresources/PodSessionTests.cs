using System.Net.WebSockets;
using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

public sealed class PodSessionTests
{
    static readonly TestAuthority Authority = new();

    static Task<LoopbackServer> StartAsync(string protocol, Func<HttpContext, WebSocket, Task> serve) => LoopbackServer.StartAsync(async context =>
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await serve(context, socket);
        if (socket.State == WebSocketState.Open) await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }, Authority.IssueServer("localhost"));

    static IResourceClient<V1Pod> Pods(LoopbackServer server) => new KubernetesClient(new KubernetesClientConfiguration
    {
        Server = server.Address, CertificateAuthorityPem = Authority.Pem, Token = "t", Qps = -1
    }).CoreV1.Pods("ns");

    static Task SendAsync(WebSocket socket, byte channel, string text) => SendAsync(socket, channel, Encoding.UTF8.GetBytes(text));

    static Task SendAsync(WebSocket socket, byte channel, byte[] bytes) =>
        socket.SendAsync((byte[])[channel, .. bytes], WebSocketMessageType.Binary, true, CancellationToken.None);

    static async Task<(byte Channel, byte[] Bytes)> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[70_000];
        var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
        return (buffer[0], buffer[1..part.Count]);
    }

    const string Success = """{"kind":"Status","apiVersion":"v1","status":"Success"}""";
    const string Code3 = """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""";

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    public async Task A_program_runs_and_its_output_and_code_come_back(string protocol)
    {
        var asked = "";
        await using var server = await StartAsync(protocol, async (context, socket) =>
        {
            asked = $"{context.Request.Headers.Authorization} {context.Request.Path}{context.Request.QueryString}";
            await SendAsync(socket, 1, "");
            await SendAsync(socket, 1, "out 1, ");
            await SendAsync(socket, 2, "complaint");
            await SendAsync(socket, 1, "out 2");
            await SendAsync(socket, 3, Code3);
        });
        var (code, output, error) = await Pods(server).RunAsync("a", ["sh", "-c", "x y"], "main");
        Assert.Equal((3, "out 1, out 2", "complaint"), (code, output, error));
        Assert.Equal("Bearer t /api/v1/namespaces/ns/pods/a/exec?command=sh&command=-c&command=x%20y&container=main&stdin=false&stdout=true&stderr=true&tty=false", asked);
    }

    [Fact]
    public async Task Input_ends_where_it_is_closed_and_the_terminal_can_be_resized()
    {
        var resized = "";
        await using var server = await StartAsync("v5.channel.k8s.io", async (_, socket) =>
        {
            var input = new MemoryStream();
            while (true)
            {
                var (channel, bytes) = await ReceiveAsync(socket);
                if (channel == 4) resized = Encoding.UTF8.GetString(bytes);
                else if (channel == 0) input.Write(bytes);
                else if (channel == 255 && bytes is [0]) break;
            }
            foreach (var piece in input.ToArray().Chunk(50_000)) await SendAsync(socket, 1, piece);
            await SendAsync(socket, 3, Success);
        });
        await using var session = await Pods(server).ExecAsync("a", ["cat"], new PodExecOptions { StandardInput = true, Tty = true });
        await session.ResizeAsync(120, 40);
        var sent = new byte[200_000];
        new Random(1).NextBytes(sent);
        await session.StandardInput.WriteAsync(sent);
        await session.StandardInput.DisposeAsync();
        var received = new MemoryStream();
        await session.StandardOutput.CopyToAsync(received);
        Assert.Equal(sent, received.ToArray());
        Assert.Equal(0, (await session.Completion).ExitCode);
        Assert.Equal("""{"Width":120,"Height":40}""", resized);
        Assert.Same(Stream.Null, session.StandardError);
    }

    [Fact]
    public async Task A_connection_that_ends_before_the_process_is_no_exit()
    {
        await using var server = await StartAsync("v5.channel.k8s.io", (_, socket) => SendAsync(socket, 1, "half"));
        await using var session = await Pods(server).AttachAsync("a");
        var error = await Assert.ThrowsAsync<IOException>(() => session.Completion);
        Assert.Contains("before the process did", error.Message);
    }

    [Fact]
    public async Task A_session_whose_other_end_answers_no_pings_ends()
    {
        // A socket that nobody reads answers none, and its connection stays open all the same.
        await using var server = await StartAsync("v5.channel.k8s.io", async (context, _) =>
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        var quick = new ConnectionSettings { ReadIdleTimeout = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) };
        var pods = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorityPem = Authority.Pem, Token = "t", Qps = -1, Connections = quick }).CoreV1.Pods("ns");
        await using var session = await pods.AttachAsync("a");
        await Assert.ThrowsAsync<IOException>(() => session.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_refusal_is_the_servers_status()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 404;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"pods \"a\" not found","code":404}""");
        }, Authority.IssueServer("localhost"));
        var error = await Assert.ThrowsAsync<KubernetesException>(() => Pods(server).ExecAsync("a", ["x"]));
        Assert.True(error.IsNotFound);
        await Assert.ThrowsAsync<ArgumentException>(() => Pods(server).ExecAsync("a", []));
    }

    [Fact]
    public async Task A_port_is_a_stream_both_ways()
    {
        await using var server = await StartAsync("v4.channel.k8s.io", async (_, socket) =>
        {
            await SendAsync(socket, 0, [0x90, 0x1F]);
            await SendAsync(socket, 1, [0x90, 0x1F]);
            var (channel, bytes) = await ReceiveAsync(socket);
            await SendAsync(socket, 0, $"{channel}: {Encoding.UTF8.GetString(bytes)}");
        });
        await using var port = await Pods(server).PortForwardAsync("a", 8080);
        await port.WriteAsync("hello"u8.ToArray());
        Assert.Equal("0: hello", await new StreamReader(port).ReadToEndAsync());
    }

    [Fact]
    public async Task A_server_that_never_opens_the_port_is_not_waited_for_forever()
    {
        var time = new ManualTime();
        var server = new FakeServer(asked =>
        {
            var answer = FakeServer.Stream(new SilentStream());
            answer.StatusCode = System.Net.HttpStatusCode.SwitchingProtocols;
            var accept = System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(asked.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
            answer.Headers.TryAddWithoutValidation("Sec-WebSocket-Accept", Convert.ToBase64String(accept));
            answer.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", "v4.channel.k8s.io");
            return answer;
        });
        var opening = Clients.Over(server, time: time).CoreV1.Pods("ns").PortForwardAsync("a", 8080);
        Assert.Equal([TimeSpan.FromMinutes(2)], time.Waiting);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("port 8080 within 120 s", (await Assert.ThrowsAsync<IOException>(() => opening)).Message);
    }

    /// <summary>A connection that takes everything and says nothing.</summary>
    sealed class SilentStream : Stream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_port_where_nothing_listens_says_so()
    {
        await using var server = await StartAsync("v4.channel.k8s.io", async (_, socket) =>
        {
            await SendAsync(socket, 0, [0x90, 0x1F]);
            await SendAsync(socket, 1, [0x90, 0x1F]);
            await SendAsync(socket, 1, "connection refused");
        });
        await using var port = await Pods(server).PortForwardAsync("a", 8080);
        var error = await Assert.ThrowsAsync<IOException>(() => new StreamReader(port).ReadToEndAsync());
        Assert.Contains("connection refused", error.Message);
    }
}
