using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The pods that run on the simulated node: where logs, exec, attach and port-forward find their containers. Thread-safe.</summary>
internal sealed class SimulatedPods(PodSimulatorOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SimulatedPod> _pods = new(StringComparer.Ordinal);

    public PodSimulatorOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>Puts into a container's files what the volumes of its pod hold.</summary>
    public Action<JsonObject, JsonObject, ContainerFiles>? Mount { get; init; }

    public SimulatedPod Add(SimulatedPod pod) => _pods[pod.Uid] = pod;

    public bool TryFind(string uid, [NotNullWhen(true)] out SimulatedPod? pod) => _pods.TryGetValue(uid, out pod);

    /// <summary>The pod is gone: its processes are killed, its logs end.</summary>
    public void Remove(string uid)
    {
        if (_pods.TryRemove(uid, out var pod))
        {
            pod.Dispose();
        }
    }

    /// <summary>Runs a program in a container: by the user's handler, or by the simulator's shell.</summary>
    /// <returns>Its exit code; null where nobody knows the program.</returns>
    public async Task<int?> RunAsync(SimulatedContainer container, SimulatedProcess process)
    {
        if (options.Processes is { } handler && await handler(process).ConfigureAwait(false) is { } code)
        {
            return code;
        }
        return process.Command.Count == 0 ? null : await new SimulatedShell(container, process).RunAsync().ConfigureAwait(false);
    }
}

/// <summary>One pod on the simulated node.</summary>
internal sealed class SimulatedPod(string uid, string @namespace, string name, IReadOnlyList<SimulatedContainer> containers) : IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    public string Uid => uid;

    public string Namespace => @namespace;

    public string Name => name;

    public IReadOnlyList<SimulatedContainer> Containers => containers;

    /// <summary>Cancelled when the pod is deleted.</summary>
    public CancellationToken Gone => _gone.Token;

    public SimulatedContainer? Find(string container) => containers.FirstOrDefault(c => c.Name == container);

    public void Dispose()
    {
        _gone.Cancel();
        foreach (var container in containers)
        {
            container.Kill.Cancel();
            container.Log?.End();
        }
    }
}
