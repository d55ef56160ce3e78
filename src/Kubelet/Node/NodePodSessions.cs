using ActorKube.ApiServer;

namespace ActorKube.Kubelet;

/// <summary>What comes to a pod over the network: readers of its logs, sessions in its containers, connections to its ports.</summary>
internal sealed class NodePodSessions(ContainerRuntime runtime, SimulatedPod pod) : INodePod
{
    public CancellationToken Gone => pod.Gone;

    public ContainerLogWriter ReadLog(string container, ContainerLogOptions options)
    {
        var found = pod.Find(container);
        var log = (options.Previous ? found?.Before : found?.Life)?.Log;
        return log is not null ? (output, closed) => LogReading.WriteAsync(log, options, runtime.Time.GetUtcNow(), output, closed)
            : throw new NodeException(400, options.Previous
                ? $"previous terminated container \"{container}\" in pod \"{pod.Key.Name}\" not found"
                : $"container \"{container}\" in pod \"{pod.Key.Name}\" is waiting to start: {found?.Reason ?? "PodInitializing"}");
    }

    public ContainerSession Exec(string container, IReadOnlyList<string> command)
    {
        var (running, life) = Running(container);
        return async (streams, closed) =>
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(closed, pod.Gone, life.Kill.Token);
            return await runtime.RunAsync(pod, running, life, new SimulatedProcess
            {
                Namespace = pod.Key.Namespace, Pod = pod.Key.Name, Container = container, Command = command, Environment = life.Environment,
                Input = streams.Input ?? Stream.Null, Output = streams.Output, Error = streams.Error, Tty = streams.Tty, Time = runtime.Time, Killed = killed.Token,
            }).ConfigureAwait(false) ?? throw new NodeException(500, $"exec: \"{command[0]}\": executable file not found in $PATH");
        };
    }

    public ContainerSession Attach(string container)
    {
        var (running, life) = Running(container);
        var (_, next, more) = life.Log.Read(0);
        return async (streams, closed) =>
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(closed, pod.Gone);
            var typing = streams.Input is { } typed && life.Input is { } input ? TypeAsync(typed, input, running.Spec.StdinOnce == true, ended.Token) : Task.CompletedTask;
            while (more is not null)
            {
                await more.WaitAsync(ended.Token).ConfigureAwait(false);
                (var lines, next, more) = life.Log.Read(next);
                foreach (var line in lines)
                {
                    await streams.Output.WriteAsync((byte[])[.. line.Text, .. streams.Tty ? "\r\n"u8 : "\n"u8], ended.Token).ConfigureAwait(false);
                }
            }
            await ended.CancelAsync().ConfigureAwait(false);
            await typing.ConfigureAwait(false);
            return 0;
        };
    }

    public async Task<bool> ConnectAsync(int port, Stream connection, CancellationToken closed)
    {
        var served = new SimulatedConnection { Namespace = pod.Key.Namespace, Pod = pod.Key.Name, Port = port, Stream = connection, Closed = closed };
        if (runtime.Options.Ports is { } handler)
        {
            return await handler(served).ConfigureAwait(false);
        }
        if (!SimulatedPorts.Declares(pod.Containers.Select(c => c.Spec), port))
        {
            return false;
        }
        await SimulatedPorts.ServeAsync(served).ConfigureAwait(false);
        return true;
    }

    private (SimulatedContainer Container, ContainerLife Life) Running(string container) =>
        pod.Find(container) is { Phase: ContainerPhase.Running, Life: { } life } running ? (running, life) : throw new NodeException(404, $"container not found (\"{container}\")");

    private static async Task TypeAsync(Stream from, Stream to, bool once, CancellationToken ended)
    {
        try
        {
            await from.CopyToAsync(to, ended).ConfigureAwait(false);
            if (once)
            {
                await to.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Nobody types any more, or nobody reads it.
        }
    }
}
