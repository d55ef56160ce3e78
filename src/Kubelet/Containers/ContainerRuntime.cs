using System.IO.Pipelines;
using System.Text;
using ActorKube.Models;

namespace ActorKube.Kubelet;

/// <summary>Runs containers: their own processes, and programs beside these. Tells of a pod when one of its processes has ended or a probe has news.</summary>
internal sealed class ContainerRuntime(PodSimulatorOptions options, TimeProvider time, PodSetup setup)
{
    // Processes outlive the reconcile that starts them, and belong to none: neither its writes nor its trace nor what waits for it are theirs.
    private readonly ExecutionContext? _outside = ExecutionContext.Capture();

    public PodSimulatorOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>Told of each pod whose reconcile has something to see.</summary>
    public Action<NamespacedName> Changed { get; set; } = static _ => { };

    /// <summary>Begins a life of a container.</summary>
    public async Task StartAsync(SimulatedPod pod, SimulatedContainer container, IContainerEvents events, CancellationToken cancellation)
    {
        var number = container.Life is null ? 0 : container.Restarts + 1;
        var life = new ContainerLife(time)
        {
            Id = $"simulated://{pod.Uid}/{container.Name}/{number}",
            Environment = await setup.EnvironmentAsync(pod, container.Spec, cancellation).ConfigureAwait(false),
        };
        if (RunsCommand(container))
        {
            await MountAsync(pod, container, life).ConfigureAwait(false);
        }
        container.Begin(life);
        events.Normal("Pulled", $"Container image \"{container.Spec.Image}\" already present on machine", container.Name);
        events.Normal("Created", $"Created container: {container.Name}", container.Name);
        events.Normal("Started", $"Started container {container.Name}", container.Name);
        if (container.Script.Log is { } text)
        {
            life.Log.Append(Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : text + "\n"));
        }
        Outside(() => Launch(pod, container, life, events));
    }

    /// <summary>Runs a program in a container: by the user's handler, or by the simulator's shell.</summary>
    /// <returns>Its exit code; null where nobody knows the program.</returns>
    public async Task<int?> RunAsync(SimulatedPod pod, SimulatedContainer container, ContainerLife life, SimulatedProcess process)
    {
        if (options.Processes is { } handler && await handler(process).ConfigureAwait(false) is { } code)
        {
            return code;
        }
        if (process.Command.Count == 0)
        {
            return null;
        }
        await MountAsync(pod, container, life).ConfigureAwait(false);
        return await new SimulatedShell(life, process).RunAsync().ConfigureAwait(false);
    }

    // A mount is everybody's who looks first: no one's cancellation ends it for the others.
    private Task MountAsync(SimulatedPod pod, SimulatedContainer container, ContainerLife life) => life.MountAsync(files => setup.MountAsync(pod, container.Spec, files, pod.Gone));

    private bool RunsCommand(SimulatedContainer container) =>
        container.Script is { Forever: false, RunTime: null } && (options.RunCommands || options.Processes is not null) && Command(container).Count > 0;

    private static List<string> Command(SimulatedContainer container) => [.. container.Spec.Command ?? [], .. container.Spec.Args ?? []];

    private void Outside(Action action)
    {
        if (_outside is null)
        {
            action();
        }
        else
        {
            // On this very thread: on a clock that a test owns, nothing is left to happen later.
            ExecutionContext.Run(_outside, static state => ((Action)state!)(), action);
        }
    }

    private void Launch(SimulatedPod pod, SimulatedContainer container, ContainerLife life, IContainerEvents events)
    {
        var killed = CancellationTokenSource.CreateLinkedTokenSource(life.Kill.Token, pod.Gone);
        var ended = killed.Token;
        // Probes come first: a process that ends at once takes them along.
        BecomeReady(pod, container, life, events, ended);
        _ = LiveAsync(pod, container, life, killed);
    }

    /// <summary>A container is ready from its start on, unless its script or a probe says otherwise.</summary>
    private void BecomeReady(SimulatedPod pod, SimulatedContainer container, ContainerLife life, IContainerEvents events, CancellationToken killed)
    {
        if (container.Script.NeverReady || container is { IsInit: true, IsSidecar: false })
        {
            return;
        }
        var probes = new ContainerProbes(this, pod, container, life, events);
        if (container.Script.ReadyDelay is { } delay)
        {
            _ = probes.ReadyAfterAsync(delay, killed);
        }
        else if (!probes.Start(killed))
        {
            life.SetReady(true);
        }
    }

    private async Task LiveAsync(SimulatedPod pod, SimulatedContainer container, ContainerLife life, CancellationTokenSource killed)
    {
        var code = await ProcessAsync(pod, container, life, killed.Token).ConfigureAwait(false);
        life.Exited(code);
        // The probes end with the process.
        await killed.CancelAsync().ConfigureAwait(false);
        killed.Dispose();
        Changed(pod.Key);
    }

    private async Task<int> ProcessAsync(SimulatedPod pod, SimulatedContainer container, ContainerLife life, CancellationToken killed)
    {
        try
        {
            var script = container.Script;
            var code = RunsCommand(container) || (options.Processes is not null && script is { Forever: false, RunTime: null }) ? await CommandAsync(pod, container, life, killed).ConfigureAwait(false) : null;
            var init = container is { IsInit: true, IsSidecar: false };
            var rest = script.Forever ? Timeout.InfiniteTimeSpan : script.RunTime ?? (pod.Pod.Spec.RestartPolicy is "Never" or "OnFailure" || init) switch
            {
                // What an init container is known to do takes no time of its own: others wait for it.
                true => init && code is not null ? TimeSpan.Zero : options.RunTime,
                false => code is null && script.ExitCode is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            };
            if (rest != TimeSpan.Zero)
            {
                await time.WaitAsync(rest, killed).ConfigureAwait(false);
            }
            return script.ExitCode is not null ? script.ExitCodeOf(container.Restarts) : code ?? 0;
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            return 137;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            life.Log.Append(Encoding.UTF8.GetBytes($"{failure.GetType().Name}: {failure.Message}\n"));
            return 1;
        }
    }

    private Task<int?> CommandAsync(SimulatedPod pod, SimulatedContainer container, ContainerLife life, CancellationToken killed)
    {
        var input = Stream.Null;
        if (container.Spec.Stdin == true)
        {
            var pipe = new Pipe();
            (input, life.Input) = (pipe.Reader.AsStream(), pipe.Writer.AsStream());
        }
        return RunAsync(pod, container, life, new SimulatedProcess
        {
            Namespace = pod.Key.Namespace, Pod = pod.Key.Name, Container = container.Name, Command = [.. Command(container).Select(c => PodSetup.Expand(c, life.Environment))],
            Environment = life.Environment, Input = input, Output = life.Log.Writer, Error = life.Log.Writer, IsMain = true, Time = time, Killed = killed,
        });
    }
}
