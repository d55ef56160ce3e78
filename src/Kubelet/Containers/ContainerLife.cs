namespace ActorKube.Kubelet;

/// <summary>One life of a container, from a start of its process to its end. Begun and ended by its pod's reconcile alone; probes and readers meet it concurrently.</summary>
internal sealed class ContainerLife(TimeProvider time)
{
    private readonly Lock _lock = new();
    private Exit? _exit;
    private Task? _mounted;
    private volatile bool _ready;
    private volatile bool _started = true;

    /// <summary>How its process ended, and when.</summary>
    private sealed record Exit(int Code, DateTimeOffset At);

    public ContainerFiles Files { get; } = new();

    public ContainerLog Log { get; } = new(time);

    /// <summary>Its process's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What a container runtime would call it.</summary>
    public required string Id { get; init; }

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>When it ended, as its pod knows; null while it runs.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    public int ExitCode { get; private set; }

    /// <summary>Ends its process.</summary>
    public CancellationTokenSource Kill { get; } = new();

    /// <summary>Where what is attached to writes to the process; null where it reads nothing.</summary>
    public Stream? Input { get; set; }

    public bool IsReady => _ready && FinishedAt is null;

    /// <summary>Whether it got through its startup probe.</summary>
    public bool HasStarted => _started && FinishedAt is null;

    /// <summary>A probe, or the start itself, says whether it is ready.</summary>
    /// <returns>Whether that is news.</returns>
    public bool SetReady(bool ready)
    {
        lock (_lock)
        {
            var news = _ready != ready && _exit is null;
            _ready = ready;
            return news;
        }
    }

    /// <summary>Its startup probe holds it back, or lets it go.</summary>
    public void SetStarted(bool started) => _started = started;

    /// <summary>Its process has ended; what that means for the pod is the reconcile's to say.</summary>
    public void Exited(int code)
    {
        lock (_lock)
        {
            _exit ??= new Exit(code, time.GetUtcNow());
        }
        Log.End();
    }

    /// <summary>Takes the end of its process into the pod's state, once.</summary>
    /// <returns>Whether it ended just now.</returns>
    public bool TakeExit()
    {
        lock (_lock)
        {
            if (_exit is null || FinishedAt is not null)
            {
                return false;
            }
            (ExitCode, FinishedAt) = (_exit.Code, _exit.At);
            return true;
        }
    }

    /// <summary>Puts into its files what its volumes hold, when a program first looks: most containers have none that does.</summary>
    public Task MountAsync(Func<ContainerFiles, Task> mount)
    {
        lock (_lock)
        {
            // What failed is tried again by whoever looks next.
            return _mounted = _mounted is null or { IsFaulted: true } or { IsCanceled: true } ? mount(Files) : _mounted;
        }
    }
}
