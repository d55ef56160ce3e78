using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What the proxies of pods, services and nodes pass on, and how they refuse.</summary>
public sealed class ProxyTests
{
    private const string Space = "/api/v1/namespaces/default";

    [Fact]
    public async Task A_request_reaches_the_port_of_a_pod_with_verb_path_query_and_body()
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions { Ports = EchoAsync });
        await PodAsync(server);

        using var answer = await server.Http.PutAsync($"{Space}/pods/p:8080/proxy/a/b%20c?d=e&f", new StringContent("body"));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("yes", answer.Headers.GetValues("X-Mine").Single());
        var told = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("PUT /a/b%20c?d=e&f HTTP/1.1", told, StringComparison.Ordinal);
        Assert.Contains("\r\nbody", told, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Uri: /api/v1/namespaces/default/pods/p:8080/proxy/a/b%20c", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_port_the_first_that_a_pod_declares_is_meant_and_an_empty_path_is_sent_to_its_slash()
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions());
        await PodAsync(server);

        Assert.Equal("default/p:81\nGET /x\n", await server.Http.GetStringAsync($"{Space}/pods/p/proxy/x"));
        using var bare = await server.Http.GetAsync($"{Space}/pods/p/proxy?q=1");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{Space}/pods/p/proxy/?q=1"), (bare.StatusCode, bare.Headers.Location!.ToString()));
    }

    [Theory]
    [InlineData("s:80", "default/p:81\nGET /\n")]
    [InlineData("http:s:web", "default/p:81\nGET /\n")]
    public async Task A_service_leads_to_a_pod_behind_it_by_the_name_or_number_of_its_port(string service, string told)
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions());
        var pod = await PodAsync(server);
        await ServiceAsync(server);
        await server.OkAsync("POST", $"{Space}/endpoints", JsonNode.Parse(("{'metadata':{'name':'s'},'subsets':[{'addresses':[{'ip':'" + pod["status"]!["podIP"]
            + "','targetRef':{'kind':'Pod','name':'p','namespace':'default'}}],'ports':[{'name':'web','port':81}]}]}").Replace('\'', '"')));

        Assert.Equal(told, await server.Http.GetStringAsync($"{Space}/services/{service}/proxy/"));
    }

    [Theory]
    [InlineData("pods/none/proxy/", 404, "pods \"none\" not found")]
    [InlineData("pods/a:b:c:d/proxy/", 400, "invalid pod request \"a:b:c:d\"")]
    [InlineData("pods/ftp:p:1/proxy/", 400, "invalid pod request \"ftp:p:1\"")]
    [InlineData("pods/p:99/proxy/x", 503, "error trying to reach service: dial tcp 10.244.0.3:99: connect: connection refused")]
    [InlineData("services/none/proxy/", 404, "services \"none\" not found")]
    [InlineData("services/s:81/proxy/", 503, "no service port 81 found for service \"s\"")]
    [InlineData("services/s/proxy/", 503, "no endpoints available for service \"s\"")]
    [InlineData("services/a:b:c:d/proxy/", 400, "invalid service request \"a:b:c:d\"")]
    public async Task Where_nothing_listens_is_said_as_a_real_server_says_it(string path, int code, string message)
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions());
        await PodAsync(server);
        await ServiceAsync(server);

        var (status, answer) = await server.SendAsync("GET", $"{Space}/{path}");

        Assert.Equal((code, message), ((int)status, (string?)answer["message"]));
    }

    [Fact]
    public async Task Nobody_is_led_to_the_servers_own_machine()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Space}/pods", Pod());
        var (waiting, none) = await server.SendAsync("GET", $"{Space}/pods/p/proxy/");
        await server.OkAsync("PATCH", $"{Space}/pods/p/status", JsonNode.Parse("""{"status":{"podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}]}}"""), "application/merge-patch+json");

        var (code, answer) = await server.SendAsync("GET", $"{Space}/pods/p:{server.Server.Uri.Port}/proxy/");

        Assert.Equal((HttpStatusCode.BadRequest, "address not allowed"), (code, (string?)answer["message"]));
        Assert.Equal((HttpStatusCode.BadRequest, "address not allowed"), (waiting, (string?)none["message"]));
    }

    [Fact]
    public async Task The_simulated_node_says_that_it_is_well_and_which_pods_it_has()
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions { RegisterNode = true });
        await PodAsync(server);

        Assert.Equal("ok", await server.Http.GetStringAsync("/api/v1/nodes/simulated-node/proxy/healthz"));
        Assert.Equal("p", (string?)(await server.OkAsync("GET", "/api/v1/nodes/simulated-node:10250/proxy/pods"))["items"]![0]!["metadata"]!["name"]);
        Assert.Equal((HttpStatusCode.NotFound, "nodes \"none\" not found"), await server.SendAsync("GET", "/api/v1/nodes/none/proxy/") is var (code, answer) ? (code, (string?)answer["message"]) : default);
    }

    [Fact]
    public async Task A_connection_is_upgraded_through_the_proxy()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Tls = false });
        await using var node = await SimulatedNode.StartAsync(server, new PodSimulatorOptions { Ports = UpgradeAsync });
        using var http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri };
        using var made = await http.PostAsync($"{Space}/pods", new StringContent(Pod().ToJsonString(), Encoding.UTF8, "application/json"));
        made.EnsureSuccessStatusCode();
        await RunningAsync(http);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Uri.Port);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Space}/pods/p:81/proxy/up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));

        using var reader = new StreamReader(stream, Encoding.ASCII);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.StartsWith("HTTP/1.1 101", await reader.ReadLineAsync(limit.Token), StringComparison.Ordinal);
        while (await reader.ReadLineAsync(limit.Token) is { Length: > 0 })
        {
        }
        await stream.WriteAsync("hello\n"u8.ToArray(), limit.Token);
        Assert.Equal("hello", await reader.ReadLineAsync(limit.Token));
    }

    private static JsonNode Pod() => JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":81}]}]}}""")!;

    private static async Task<JsonObject> PodAsync(TestServer server)
    {
        await server.OkAsync("POST", $"{Space}/pods", Pod());
        using var watch = await server.WatchAsync($"{Space}/pods?watch=true&fieldSelector=metadata.name=p");
        while (await watch.NextAsync() is { } news)
        {
            if ((string?)news["object"]!["status"]?["phase"] == "Running")
            {
                return news["object"]!.AsObject();
            }
        }
        throw new TimeoutException("The pod never ran.");
    }

    private static async Task RunningAsync(HttpClient http)
    {
        using var response = await http.GetAsync($"{Space}/pods?watch=true&fieldSelector=metadata.name=p", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if ((string?)JsonNode.Parse(line)!["object"]!["status"]?["phase"] == "Running")
            {
                return;
            }
        }
        throw new TimeoutException("The pod never ran.");
    }

    private static Task<JsonObject> ServiceAsync(TestServer server) =>
        server.OkAsync("POST", $"{Space}/services", JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"selector":{"a":"b"},"ports":[{"name":"web","port":80,"targetPort":81}]}}"""));

    /// <summary>Answers with the request as it came.</summary>
    private static async Task<bool> EchoAsync(SimulatedConnection connection)
    {
        // A body comes with its length, or in chunks, the last of which is empty.
        var request = await ReadAsync(connection, text => text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)
            || (text.Contains("Content-Length: 4\r\n", StringComparison.Ordinal) && text.EndsWith("\r\n\r\nbody", StringComparison.Ordinal)));
        await connection.Stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 202 Accepted\r\nX-Mine: yes\r\nContent-Length: {request.Length}\r\n\r\n{request}"), connection.Closed);
        return true;
    }

    private static async Task<bool> UpgradeAsync(SimulatedConnection connection)
    {
        await ReadAsync(connection, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        await connection.Stream.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"u8.ToArray(), connection.Closed);
        var line = await ReadAsync(connection, text => text.EndsWith('\n'));
        await connection.Stream.WriteAsync(Encoding.ASCII.GetBytes(line), connection.Closed);
        return true;
    }

    private static async Task<string> ReadAsync(SimulatedConnection connection, Func<string, bool> whole)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (!whole(text.ToString()) && await connection.Stream.ReadAsync(buffer, connection.Closed) is > 0 and var count)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return text.ToString();
    }
}
