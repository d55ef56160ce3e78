using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Exec, attach and port-forward over WebSocket, byte by byte; the real kubectl does the same over its own protocols in <see cref="KubectlTests"/>.</summary>
public sealed class PodSessionTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private EmbeddedApiServer? _server;
    private SimulatedNode? _node;
    private readonly TaskCompletionSource<SimulatedProcess> _attached = new();
    private readonly TaskCompletionSource _killed = new();

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Tls = false });
        _node = await SimulatedNode.StartAsync(_server, new PodSimulatorOptions
        {
            Processes = async process =>
            {
                switch (process.Command)
                {
                    case ["app"]:
                        await process.Output.WriteAsync("started\n"u8.ToArray());
                        _attached.TrySetResult(process);
                        await Task.Delay(Timeout.InfiniteTimeSpan, process.Time, process.Killed);
                        return 0;
                    case ["wait"]:
                        process.Killed.Register(() => _killed.TrySetResult());
                        await process.Output.WriteAsync("waiting"u8.ToArray());
                        await _killed.Task;
                        return 0;
                    case ["fail"]:
                        throw new InvalidOperationException("as asked");
                    default:
                        return null;
                }
            },
        });
        await CreateAsync("p", ["app"]);
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    public async Task A_program_says_what_it_says_and_how_it_ended(string protocol)
    {
        using var socket = await OpenAsync("exec?command=sh&command=-c&command=echo+out%3B+echo+err+%3E%262%3B+exit+3&stdout=true&stderr=true", protocol);

        var channels = await ReadToEndAsync(socket);

        Assert.Equal(("out\n", "err\n"), (channels[1], channels[2]));
        var status = JsonNode.Parse(channels[3])!;
        Assert.Equal(("Failure", "NonZeroExitCode", "3"), ((string?)status["status"], (string?)status["reason"], (string?)status["details"]!["causes"]![0]!["message"]));
        Assert.Equal(protocol, socket.SubProtocol);
    }

    [Fact]
    public async Task Input_ends_where_the_client_closes_it()
    {
        using var socket = await OpenAsync("exec?command=cat&stdin=true&stdout=true", "v5.channel.k8s.io");
        var sent = new string('x', 300_000);
        var reading = ReadToEndAsync(socket);

        await SendAsync(socket, 0, sent);
        await SendAsync(socket, 255, "\0");

        var channels = await reading;
        Assert.Equal(sent, channels[1]);
        Assert.Equal("Success", (string?)JsonNode.Parse(channels[3])!["status"]);
    }

    [Fact]
    public async Task A_handlers_failure_is_the_sessions_and_an_unknown_program_is_named()
    {
        using var failing = await OpenAsync("exec?command=fail&stdout=true", "v5.channel.k8s.io");
        Assert.Contains("as asked", (await ReadToEndAsync(failing))[3], StringComparison.Ordinal);

        using var unknown = await OpenAsync("exec?command=nosuch&stdout=true", "v5.channel.k8s.io");
        Assert.Contains("\"nosuch\\u0022: executable file not found", (await ReadToEndAsync(unknown))[3].Replace("\\u0022nosuch", "\"nosuch", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_hangs_up_kills_the_process()
    {
        using var socket = await OpenAsync("exec?command=wait&stdout=true", "v5.channel.k8s.io");
        await ReceiveAsync(socket);
        Assert.Equal((1, "waiting"), await ReceiveAsync(socket));

        socket.Abort();

        await _killed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False((await _attached.Task).Killed.IsCancellationRequested);
    }

    [Fact]
    public async Task What_is_attached_sees_what_the_process_writes_from_then_on()
    {
        var process = await _attached.Task;
        using var socket = await OpenAsync("attach?stdout=true&stderr=true", "v5.channel.k8s.io");
        await ReceiveAsync(socket);

        await process.Output.WriteAsync("news\n"u8.ToArray());

        Assert.Equal((1, "news\n"), await ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_declared_port_answers_and_another_refuses()
    {
        using var socket = await OpenAsync("portforward?ports=8080&ports=9999", "v4.channel.k8s.io");
        var first = new Dictionary<int, string>();
        while (first.Count < 4)
        {
            var (channel, text) = await ReceiveAsync(socket, Encoding.Latin1);
            first.TryAdd(channel, text);
        }
        Assert.Equal("\u0090\u001f", first[0]);
        await SendAsync(socket, 0, "GET /x HTTP/1.1\r\n\r\n");

        var channels = await ReadToEndAsync(socket);

        Assert.Contains("default/p:8080", channels[0], StringComparison.Ordinal);
        Assert.Contains("connection refused", channels[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pods/none/exec?command=x&stdout=true", HttpStatusCode.NotFound, "pods \"none\" not found")]
    [InlineData("pods/p/exec?command=x", HttpStatusCode.BadRequest, "at least 1 of stdin")]
    [InlineData("pods/p/exec?stdout=true", HttpStatusCode.BadRequest, "at least one command")]
    [InlineData("pods/p/exec?command=x&stdout=true&container=none", HttpStatusCode.BadRequest, "container none is not valid for pod p")]
    [InlineData("pods/p/exec?command=x&stdout=true", HttpStatusCode.BadRequest, "Upgrade request required")]
    [InlineData("pods/p/portforward?ports=80", HttpStatusCode.BadRequest, "Upgrade request required")]
    [InlineData("pods/p/log?container=none", HttpStatusCode.BadRequest, "container none is not valid for pod p")]
    [InlineData("pods/p/log?previous=true", HttpStatusCode.BadRequest, "previous terminated container \"main\" in pod \"p\" not found")]
    [InlineData("pods/p/log?tailLines=-1", HttpStatusCode.UnprocessableEntity, "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0")]
    public async Task What_cannot_be_is_refused_before_anything_is_upgraded(string path, HttpStatusCode expected, string message)
    {
        using var http = new HttpClient { BaseAddress = _server!.Uri };

        using var answer = await http.GetAsync($"/api/v1/namespaces/default/{path}");

        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains(message, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"], StringComparison.Ordinal);
    }

    private async Task CreateAsync(string name, string[] command)
    {
        using var http = new HttpClient(_server!.CreateHandler()) { BaseAddress = _server.Uri };
        var watching = http.GetAsync($"{Pods}?watch=true&fieldSelector=metadata.name%3D{name}", HttpCompletionOption.ResponseHeadersRead);
        using var watch = new WatchReader(await watching, new StreamReader(await (await watching).Content.ReadAsStreamAsync()));
        (await http.PostAsync(Pods, new StringContent(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "main", ["image"] = "app", ["command"] = new JsonArray([.. command.Select(c => (JsonNode)c)]),
                    ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 8080 }),
                }),
            },
        }.ToJsonString(), Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();
        while ((string?)(await watch.NextAsync())!["object"]!["status"]!["phase"] != "Running")
        {
        }
    }

    private async Task<ClientWebSocket> OpenAsync(string request, string protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(new UriBuilder(new Uri(_server!.Uri, $"{Pods}/p/{request}")) { Scheme = "ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, byte channel, string text) =>
        socket.SendAsync((byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, true, CancellationToken.None);

    private static async Task<(int Channel, string Text)> ReceiveAsync(ClientWebSocket socket, Encoding? encoding = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return (-1, "");
            }
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                var bytes = message.ToArray();
                return (bytes[0], (encoding ?? Encoding.UTF8).GetString(bytes, 1, bytes.Length - 1));
            }
        }
    }

    private static async Task<Dictionary<int, string>> ReadToEndAsync(ClientWebSocket socket)
    {
        var channels = new Dictionary<int, string>();
        while (await ReceiveAsync(socket) is (>= 0, _) message)
        {
            channels[message.Channel] = channels.GetValueOrDefault(message.Channel, "") + message.Text;
        }
        return channels;
    }
}
