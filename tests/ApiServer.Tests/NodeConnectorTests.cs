using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What a server says that reaches no node's agent, and how it asks one that it reaches.</summary>
public sealed class NodeConnectorTests
{
    private const string Space = "/api/v1/namespaces/default";

    [Fact]
    public async Task Where_no_agent_is_reached_the_Node_object_says_what_the_client_is_told()
    {
        await using var server = await TestServer.StartAsync();
        await PodAsync(server, "a", "gone");
        await PodAsync(server, "b", "n1");
        await server.OkAsync("POST", "/api/v1/nodes", JsonNode.Parse("""{"metadata":{"name":"n1"}}"""));

        Assert.Equal((HttpStatusCode.NotFound, "pods \"gone\" not found"), await RefusedAsync(server, "GET", "pods/a/log"));
        Assert.Equal((HttpStatusCode.NotFound, "pods \"gone\" not found"), await RefusedAsync(server, "POST", "pods/a/exec?command=x&stdout=true"));
        Assert.Equal((HttpStatusCode.InternalServerError, "no preferred addresses found; known addresses: []"), await RefusedAsync(server, "GET", "pods/b/log"));
        await server.OkAsync("PATCH", "/api/v1/nodes/n1/status",
            JsonNode.Parse("""{"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.9"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":10299}}}}"""), "application/merge-patch+json");
        Assert.Equal((HttpStatusCode.InternalServerError, "Get \"https://172.18.0.9:10299/containerLogs/default/b/c?follow=true\": dial tcp 172.18.0.9:10299: connect: connection refused"),
            await RefusedAsync(server, "GET", "pods/b/log?follow=true"));
        Assert.Equal((HttpStatusCode.BadRequest, "Upgrade request required"), await RefusedAsync(server, "POST", "pods/b/exec?command=x&stdout=true"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "error trying to reach service: dial tcp 172.18.0.9:10299: connect: connection refused"), await RefusedAsync(server, "GET", "/api/v1/nodes/n1/proxy/healthz"));
    }

    [Fact]
    public async Task An_agent_is_asked_for_the_pod_of_that_uid_on_that_node_and_its_refusal_is_passed_on()
    {
        await using var server = await TestServer.StartAsync();
        var agent = new Agent();
        server.Server.Nodes = agent;
        var pod = await PodAsync(server, "a", "n1");
        await server.OkAsync("POST", "/api/v1/nodes", JsonNode.Parse("""{"metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.9"}]}}"""));

        Assert.Equal("c: 3 lines", await server.Http.GetStringAsync($"{Space}/pods/a/log?tailLines=3"));
        Assert.Equal(new NodePodReference("n1", "default", "a", (string)pod["metadata"]!["uid"]!), agent.Asked);
        Assert.Equal((HttpStatusCode.BadRequest, "it has had one life"), await RefusedAsync(server, "GET", "pods/a/log?previous=true"));
        Assert.Equal("n1:10250 /a?b=c", await server.Http.GetStringAsync("/api/v1/nodes/n1/proxy/a?b=c"));
        server.Server.Nodes = null;
        Assert.Equal(HttpStatusCode.InternalServerError, (await RefusedAsync(server, "GET", "pods/a/log")).Code);
    }

    private static Task<JsonObject> PodAsync(TestServer server, string name, string node) =>
        server.OkAsync("POST", $"{Space}/pods", JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"c","image":"i"}]}}"""));

    private static async Task<(HttpStatusCode Code, string? Message)> RefusedAsync(TestServer server, string method, string path)
    {
        var (code, body) = await server.SendAsync(method, path.StartsWith('/') ? path : $"{Space}/{path}");
        return (code, (string?)body["message"]);
    }

    /// <summary>An agent of a test's own.</summary>
    private sealed class Agent : INodeConnector, INodePod
    {
        public NodePodReference? Asked { get; private set; }

        public CancellationToken Gone => CancellationToken.None;

        public Task<INodePod?> FindAsync(NodePodReference pod, CancellationToken cancellation)
        {
            Asked = pod;
            return Task.FromResult<INodePod?>(this);
        }

        public Task<HttpResponseMessage?> SendAsync(string node, int port, HttpRequestMessage request, CancellationToken cancellation) =>
            Task.FromResult<HttpResponseMessage?>(new HttpResponseMessage { Content = new StringContent($"{node}:{port} {request.RequestUri!.PathAndQuery}") });

        public ContainerLogWriter ReadLog(string container, ContainerLogOptions options) => options.Previous ? throw new NodeException(400, "it has had one life")
            : (output, closed) => output.WriteAsync(Encoding.UTF8.GetBytes($"{container}: {options.TailLines} lines"), closed).AsTask();

        public ContainerSession Exec(string container, IReadOnlyList<string> command) => throw new NodeException(404, container);

        public ContainerSession Attach(string container) => throw new NodeException(404, container);

        public Task<bool> ConnectAsync(int port, Stream connection, CancellationToken closed) => Task.FromResult(false);
    }
}
