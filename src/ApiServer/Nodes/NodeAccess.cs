using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The way from the server to its nodes: through the connector that was given, if any, else by what the Node objects say, where nobody answers.</summary>
internal sealed class NodeAccess(ClusterStore cluster)
{
    private const int AgentPort = 10250;
    private volatile INodeConnector? _connector;

    /// <summary>Who reaches nodes; null for nobody.</summary>
    public INodeConnector? Connector
    {
        get => _connector;
        set => _connector = value;
    }

    /// <summary>A pod on its node.</summary>
    /// <exception cref="ApiException">No such node, no address of it, or nobody there.</exception>
    public async Task<INodePod> FindAsync(PodTarget target, Func<string, string> unreachable, CancellationToken cancellation) =>
        _connector is { } connector && await connector.FindAsync(target.Reference, cancellation).ConfigureAwait(false) is { } pod ? pod
            : throw Errors.Of(500, "", unreachable(Address(target.Node!)));

    /// <summary>A pod on its node; null where nobody is there.</summary>
    public Task<INodePod?> TryFindAsync(JsonObject pod, CancellationToken cancellation) =>
        _connector is { } connector && pod.TextAt("spec", "nodeName") is { Length: > 0 } node
            ? connector.FindAsync(new NodePodReference(node, pod.Metadata().Text("namespace") ?? "", pod.Metadata().Text("name") ?? "", pod.Metadata().Text("uid") ?? ""), cancellation)
            : Task.FromResult<INodePod?>(null);

    /// <summary>What a client of a node's agent is told that nobody reaches.</summary>
    public static string Refused(string address) => $"dial tcp {address}: connect: connection refused";

    /// <summary>Where the agent of a node would listen, by what its object says.</summary>
    private string Address(string name)
    {
        // The resource is what was asked for, the name the node's: the real server mixes them too.
        var node = cluster.Store(new GroupResource("", "nodes")).Current.Get("", name)?.ToTree() ?? throw Errors.NotFound(new GroupResource("", "pods"), name);
        return $"{AddressOf(node)}:{PortOf(node).ToString(CultureInfo.InvariantCulture)}";
    }

    /// <exception cref="ApiException">500: nobody has said where the node is.</exception>
    public static string AddressOf(JsonObject node)
    {
        var addresses = (node.At("status", "addresses") as JsonArray).Objects().ToList();
        return addresses.FirstOrDefault(a => a.Text("type") == "InternalIP")?.Text("address")
            ?? throw Errors.Of(500, "", "no preferred addresses found; known addresses: []");
    }

    public static int PortOf(JsonObject node) => (int?)node.At("status", "daemonEndpoints", "kubeletEndpoint", "Port").AsLong() is { } port and > 0 ? port : AgentPort;
}
