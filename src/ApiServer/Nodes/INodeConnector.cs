namespace ActorKube.ApiServer;

/// <summary>
/// What an API server asks of the agents of its nodes, the kubelets, over the network: a container's log, sessions in it, connections to a pod's ports, and whatever a node serves itself. Everything else
/// they have to say to each other goes through the API. Implementations are called concurrently.
/// </summary>
public interface INodeConnector
{
    /// <summary>A pod on its node.</summary>
    /// <returns>Null where no agent is reached that runs it: the server then answers as one that cannot reach the node.</returns>
    /// <exception cref="NodeException">The agent is there, and says no.</exception>
    Task<INodePod?> FindAsync(NodePodReference pod, CancellationToken cancellation);

    /// <summary>Passes a request on to what a node's agent serves (<c>nodes/proxy</c>): its path, query, headers and body.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="port">The port that is asked for.</param>
    /// <param name="request">The request; its address names the node.</param>
    /// <param name="cancellation">The client has left.</param>
    /// <returns>Null where nobody listens.</returns>
    Task<HttpResponseMessage?> SendAsync(string node, int port, HttpRequestMessage request, CancellationToken cancellation);
}

/// <summary>A pod and the node that it is bound to.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Name">The pod's name.</param>
/// <param name="Uid">The pod's uid: another pod of that name is another pod.</param>
public sealed record NodePodReference(string Node, string Namespace, string Name, string Uid);

/// <summary>A pod that runs on a node. Thread-safe.</summary>
public interface INodePod
{
    /// <summary>Cancelled when the pod has left its node: open sessions end.</summary>
    CancellationToken Gone { get; }

    /// <summary>Opens a container's log, as it is now or as it grows.</summary>
    /// <returns>Writes it to the client, to the end that the options say.</returns>
    /// <exception cref="NodeException">There is no such log: the message is for the client.</exception>
    ContainerLogWriter ReadLog(string container, ContainerLogOptions options);

    /// <summary>Gets ready to run a program in a container.</summary>
    /// <returns>Runs it.</returns>
    /// <exception cref="NodeException">The container does not run.</exception>
    ContainerSession Exec(string container, IReadOnlyList<string> command);

    /// <summary>Gets ready to attach to a container's own process. What it writes from now on is not missed.</summary>
    /// <returns>Goes on until the process ends, or the client.</returns>
    /// <exception cref="NodeException">The container does not run.</exception>
    ContainerSession Attach(string container);

    /// <summary>Serves one connection to a port of the pod.</summary>
    /// <param name="port">The port.</param>
    /// <param name="connection">Reads what the client sends and writes to the client.</param>
    /// <param name="closed">The client has left.</param>
    /// <returns>False where nothing listens; else true, once the connection has ended.</returns>
    Task<bool> ConnectAsync(int port, Stream connection, CancellationToken closed);
}

/// <summary>Writes a log.</summary>
/// <param name="output">Where to; it is flushed when all is written that there is so far.</param>
/// <param name="closed">The client has left.</param>
public delegate Task ContainerLogWriter(Stream output, CancellationToken closed);

/// <summary>Runs a session in a container.</summary>
/// <param name="streams">What the process reads and writes.</param>
/// <param name="closed">The client has left.</param>
/// <returns>The process's exit code.</returns>
public delegate Task<int> ContainerSession(ContainerStreams streams, CancellationToken closed);

/// <summary>The streams of a session in a container. Read and written asynchronously.</summary>
/// <param name="Input">What the client types; null where it does not.</param>
/// <param name="Output">What the process writes.</param>
/// <param name="Error">What it complains of; with a terminal, where it writes too.</param>
/// <param name="Tty">Whether they are a terminal.</param>
public sealed record ContainerStreams(Stream? Input, Stream Output, Stream Error, bool Tty);

/// <summary>Which part of a log.</summary>
public sealed record ContainerLogOptions
{
    /// <summary>Go on while the container writes.</summary>
    public bool Follow { get; init; }

    /// <summary>The log of the life before this one.</summary>
    public bool Previous { get; init; }

    /// <summary>Each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Only so many lines from the end of what there is; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only so many bytes; null for all.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Only lines of the last seconds; null for all.</summary>
    public long? SinceSeconds { get; init; }

    /// <summary>Only lines from then on; null for all.</summary>
    public DateTimeOffset? SinceTime { get; init; }
}

/// <summary>A node's agent says no.</summary>
/// <param name="statusCode">The HTTP status that it would say it with.</param>
/// <param name="message">Why, in words for the client.</param>
public sealed class NodeException(int statusCode, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int StatusCode => statusCode;
}
