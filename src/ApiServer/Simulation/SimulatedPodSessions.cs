using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What comes to a simulated pod over the network: readers of its logs, sessions in its containers, connections to its ports.</summary>
internal sealed class SimulatedPodSessions(SimulatedPods pods, SimulatedPod pod, JsonObject tree) : INodePod
{
    public CancellationToken Gone => pod.Gone;

    public ContainerLogWriter ReadLog(string container, ContainerLogOptions options)
    {
        var found = pod.Find(container);
        var log = options.Previous ? found?.PreviousLog : found?.Log;
        return log is not null ? (output, closed) => LogReading.WriteAsync(log, options, pods.Time.GetUtcNow(), output, closed)
            : throw new NodeException(400, options.Previous
                ? $"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found"
                : $"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: {found?.Reason ?? "PodInitializing"}");
    }

    public ContainerSession Exec(string container, IReadOnlyList<string> command)
    {
        var running = Running(container);
        return async (streams, closed) =>
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(closed, pod.Gone, running.Kill.Token);
            return await pods.RunAsync(running, new SimulatedProcess
            {
                Namespace = pod.Namespace, Pod = pod.Name, Container = running.Name, Command = command, Environment = running.Environment,
                Input = streams.Input ?? Stream.Null, Output = streams.Output, Error = streams.Error, Tty = streams.Tty, Time = pods.Time, Killed = killed.Token,
            }).ConfigureAwait(false) ?? throw new NodeException(500, $"exec: \"{command[0]}\": executable file not found in $PATH");
        };
    }

    public ContainerSession Attach(string container)
    {
        var running = Running(container);
        var log = running.Log!;
        var (_, next, more) = log.Read(0);
        return async (streams, closed) =>
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(closed, pod.Gone);
            var typing = streams.Input is { } typed && running.Input is { } input ? TypeAsync(typed, input, running.Spec["stdinOnce"].AsBool() == true, ended.Token) : Task.CompletedTask;
            while (more is not null)
            {
                await more.WaitAsync(ended.Token).ConfigureAwait(false);
                (var lines, next, more) = log.Read(next);
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
        var served = new SimulatedConnection { Namespace = pod.Namespace, Pod = pod.Name, Port = port, Stream = connection, Closed = closed };
        if (pods.Options.Ports is { } handler)
        {
            return await handler(served).ConfigureAwait(false);
        }
        if (!SimulatedPorts.Declares(tree, port))
        {
            return false;
        }
        await SimulatedPorts.ServeAsync(served).ConfigureAwait(false);
        return true;
    }

    private SimulatedContainer Running(string container) => pod.Find(container) is { Phase: ContainerPhase.Running } running ? running : throw new NodeException(404, $"container not found (\"{container}\")");

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
