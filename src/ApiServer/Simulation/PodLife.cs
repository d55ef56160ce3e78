using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// One pod on the simulated node from its start to its end: init containers in order, then the others side by side, each restarted as the pod's policy says, with
/// the kubelet's pauses. What happens is published as the pod's status and told in Events.
/// </summary>
internal sealed class PodLife
{
    /// <summary>A container that ran for so long starts afresh: its next end is restarted at once.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    private readonly ObjectService _objects;
    private readonly SimulatedPods _pods;
    private readonly SimulatedPod _pod;
    private readonly JsonObject _tree;
    private readonly PodEvents _events;
    private readonly string _address;
    private readonly string _policy;
    private readonly Lock _publishing = new();
    private readonly string _node;
    private bool _killed;

    public PodLife(ObjectService objects, SimulatedPods pods, JsonObject tree, string address)
    {
        (_objects, _pods, _tree, _address) = (objects, pods, tree, address);
        var meta = tree.Metadata();
        var containers = new List<SimulatedContainer>();
        foreach (var (list, init) in (ReadOnlySpan<(string, bool)>)[("initContainers", true), ("containers", false)])
        {
            containers.AddRange((tree.At("spec", list) as JsonArray).Objects().Select(c => new SimulatedContainer(c.Text("name") ?? "", c, init, pods.Time)));
        }
        _pod = new SimulatedPod(meta.Text("uid") ?? "", meta.Text("namespace") ?? "", meta.Text("name") ?? "", containers);
        _policy = tree.TextAt("spec", "restartPolicy") ?? "Always";
        _node = PodPlacement.NodeOf(tree) ?? pods.Options.NodeName;
        _events = new PodEvents(objects, tree, _node, pods.Options.Events);
    }

    public SimulatedPod Pod => _pod;

    /// <summary>Runs the pod; completes when it has ended, is deleted, or the server stops.</summary>
    public async Task RunAsync(bool scheduled)
    {
        try
        {
            if (scheduled)
            {
                _events.Tell("Scheduled", $"Successfully assigned {_pod.Namespace}/{_pod.Name} to {_node}", component: "default-scheduler");
            }
            if (_pod.Containers.Any(c => c.IsInit || PodScript.Of(_tree, c.Name) is { StartDelay.Ticks: > 0 } or { Waiting: not null }))
            {
                Publish();
            }
            var sidecars = new List<Task>();
            foreach (var container in _pod.Containers.Where(c => c.IsInit))
            {
                if (container.IsSidecar)
                {
                    sidecars.Add(LiveAsync(container, null));
                }
                else if (await LiveAsync(container, null).ConfigureAwait(false) != 0)
                {
                    return;
                }
            }
            // Continued at once, on this very thread: on a clock that a test owns, nothing is left to happen later.
            var published = new TaskCompletionSource();
            var lives = _pod.Containers.Where(c => !c.IsInit).Select(c => LiveAsync(c, published.Task)).ToList();
            Publish();
            published.SetResult();
            await Task.WhenAll(lives).ConfigureAwait(false);
            foreach (var sidecar in _pod.Containers.Where(c => c.IsSidecar))
            {
                await sidecar.Kill.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The pod is deleted, or the server stops.
        }
        catch (ApiException)
        {
            // The pod is gone.
        }
    }

    /// <summary>The pod is being deleted and its grace is over: its processes are killed.</summary>
    public void Stop()
    {
        foreach (var container in _pod.Containers.Where(c => c.Phase == ContainerPhase.Running))
        {
            _events.Tell("Killing", $"Stopping container {container.Name}", container.Name);
        }
        _killed = true;
        _pod.Dispose();
    }

    /// <summary>A deleted pod that finalizers hold shows that its containers have ended.</summary>
    public void PublishEnd()
    {
        foreach (var container in _pod.Containers.Where(c => c.Phase == ContainerPhase.Running))
        {
            container.End(137);
        }
        Publish();
    }

    /// <summary>One container with all its lives.</summary>
    /// <param name="container">Which.</param>
    /// <param name="firstStartPublished">Who starts several at once publishes that for all.</param>
    /// <returns>Its last exit code.</returns>
    private async Task<int> LiveAsync(SimulatedContainer container, Task? firstStartPublished)
    {
        var script = PodScript.Of(_tree, container.Name);
        if (script.StartDelay > TimeSpan.Zero)
        {
            await _pods.Time.WaitAsync(script.StartDelay, _pod.Gone).ConfigureAwait(false);
            firstStartPublished = null;
        }
        if (script.Waiting is { } reason)
        {
            container.Wait(reason);
            var (told, message) = reason is "ImagePullBackOff" or "ErrImagePull"
                ? ("Failed", $"Failed to pull image \"{container.Spec.Text("image")}\": the pod's annotation says so") : (reason, "the pod's annotation says so");
            _events.Tell(told, message, container.Name, warning: true);
            Publish();
            await _pods.Time.WaitAsync(Timeout.InfiniteTimeSpan, _pod.Gone).ConfigureAwait(false);
        }
        var pause = TimeSpan.Zero;
        while (true)
        {
            container.KeepLastState();
            var process = StartProcess(container, script);
            if (firstStartPublished is not null)
            {
                await firstStartPublished.ConfigureAwait(false);
                firstStartPublished = null;
            }
            else
            {
                Publish();
            }
            var code = await process.ConfigureAwait(false);
            _pod.Gone.ThrowIfCancellationRequested();
            container.End(code);
            if (!Restarts(container, code))
            {
                Publish();
                return code;
            }
            pause = container.FinishedAt - container.StartedAt > Settled ? TimeSpan.Zero : pause;
            if (pause > TimeSpan.Zero)
            {
                container.Wait("CrashLoopBackOff", string.Create(CultureInfo.InvariantCulture,
                    $"back-off {GoDuration(pause)} restarting failed container={container.Name} pod={_pod.Name}_{_pod.Namespace}({_pod.Uid})"));
                _events.Tell("BackOff", $"Back-off restarting failed container {container.Name} in pod {_pod.Name}_{_pod.Namespace}({_pod.Uid})", container.Name, warning: true);
                Publish();
                await _pods.Time.WaitAsync(pause, _pod.Gone).ConfigureAwait(false);
            }
            pause = pause == TimeSpan.Zero ? _pods.Options.RestartBackOff : pause * 2 < _pods.Options.MaxRestartBackOff ? pause * 2 : _pods.Options.MaxRestartBackOff;
        }
    }

    private static string GoDuration(TimeSpan time) => time.TotalSeconds < 60 ? $"{time.TotalSeconds}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";

    private bool Restarts(SimulatedContainer container, int code) =>
        container.IsSidecar || (_policy == "Always" && !container.IsInit) || (_policy != "Never" && code != 0);

    private Task<int> StartProcess(SimulatedContainer container, PodScript script)
    {
        container.Start();
        container.ContainerId = $"simulated://{_pod.Uid}/{container.Name}/{container.Restarts}";
        container.Environment = ContainerSetup.Environment(_objects, _tree, container.Spec);
        _pods.Mount?.Invoke(_tree, container.Spec, container.Files);
        _events.Tell("Pulled", $"Container image \"{container.Spec.Text("image")}\" already present on machine", container.Name);
        _events.Tell("Created", $"Created container: {container.Name}", container.Name);
        _events.Tell("Started", $"Started container {container.Name}", container.Name);
        if (script.Log is { } text)
        {
            container.Log!.Append(Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : text + "\n"));
        }
        var killed = CancellationTokenSource.CreateLinkedTokenSource(container.Kill.Token, _pod.Gone);
        var ended = killed.Token;
        var process = ProcessAsync(container, script, killed);
        BecomeReady(container, script, ended);
        return process;
    }

    private async Task<int> ProcessAsync(SimulatedContainer container, PodScript script, CancellationTokenSource killed)
    {
        try
        {
            var code = script.Forever || script.RunTime is not null || !_pods.Options.RunCommands && _pods.Options.Processes is null
                ? null : await CommandAsync(container, killed.Token).ConfigureAwait(false);
            var init = container is { IsInit: true, IsSidecar: false };
            var rest = script.Forever ? Timeout.InfiniteTimeSpan : script.RunTime ?? (_policy is "Never" or "OnFailure" || init) switch
            {
                // What an init container is known to do takes no time of its own: others wait for it.
                true => init && code is not null ? TimeSpan.Zero : _pods.Options.RunTime,
                false => code is null && script.ExitCode is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            };
            if (rest != TimeSpan.Zero)
            {
                await _pods.Time.WaitAsync(rest, killed.Token).ConfigureAwait(false);
            }
            return script.ExitCode is not null ? script.ExitCodeOf(container.Restarts) : code ?? 0;
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            return 137;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            container.Log?.Append(Encoding.UTF8.GetBytes($"{failure.GetType().Name}: {failure.Message}\n"));
            return 1;
        }
        finally
        {
            // The probes end with the process.
            await killed.CancelAsync().ConfigureAwait(false);
            killed.Dispose();
        }
    }

    private Task<int?> CommandAsync(SimulatedContainer container, CancellationToken killed)
    {
        List<string> command = [.. container.Spec.List("command").Texts(), .. container.Spec.List("args").Texts()];
        var input = Stream.Null;
        if (container.Spec["stdin"].AsBool() == true)
        {
            var pipe = new Pipe();
            (input, container.Input) = (pipe.Reader.AsStream(), pipe.Writer.AsStream());
        }
        return _pods.RunAsync(container, new SimulatedProcess
        {
            Namespace = _pod.Namespace, Pod = _pod.Name, Container = container.Name, Command = [.. command.Select(c => ContainerSetup.Expand(c, container.Environment))],
            Environment = container.Environment, Input = input, Output = container.Log!.Writer, Error = container.Log.Writer, IsMain = true, Time = _pods.Time, Killed = killed,
        });
    }

    /// <summary>A container is ready from its start on, unless its script or a probe says otherwise.</summary>
    private void BecomeReady(SimulatedContainer container, PodScript script, CancellationToken killed)
    {
        if (script.NeverReady || container is { IsInit: true, IsSidecar: false })
        {
            return;
        }
        var probes = new ContainerProbes(container, _pods, _pod, _events, Publish);
        if (script.ReadyDelay is { } delay)
        {
            _ = probes.ReadyAfterAsync(delay, killed);
        }
        else if (!probes.Start(killed))
        {
            container.Ready = true;
        }
    }

    private void Publish()
    {
        lock (_publishing)
        {
            var row = _objects.Table.Current.Find("", "v1", "pods")!;
            _objects.Rewrite(row, _pod.Namespace, _pod.Name, tree =>
            {
                if (tree.Metadata().Text("uid") != _pod.Uid || tree.TextAt("status", "phase") is "Succeeded" or "Failed")
                {
                    // Somebody else's pod of that name, or one that somebody has ended: it does not come back.
                    return;
                }
                tree.Need("spec").Default("nodeName", _node);
                PodStatus.Write(tree, _pod, _pods.Time.GetUtcNow(), _address, _killed);
            });
        }
    }
}
