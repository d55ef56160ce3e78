using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}

/// <summary>One container of a simulated pod: what it is now, what its last life was, its files and logs. Changed by its pod's life alone; read by anybody.</summary>
internal sealed class SimulatedContainer(string name, JsonObject spec, bool init, TimeProvider time)
{
    public string Name => name;

    /// <summary>Its part of the pod's spec.</summary>
    public JsonObject Spec => spec;

    public bool IsInit => init;

    /// <summary>An init container that stays: it is started before the others and not waited for.</summary>
    public bool IsSidecar => init && spec.Text("restartPolicy") == "Always";

    public ContainerFiles Files { get; private set; } = new();

    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    public ContainerPhase Phase { get; private set; }

    /// <summary>Why it waits.</summary>
    public string Reason { get; private set; } = "ContainerCreating";

    public string? Message { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset FinishedAt { get; private set; }

    public int ExitCode { get; private set; }

    public int Restarts { get; private set; }

    /// <summary>How its last life ended; null before the first end.</summary>
    public JsonObject? LastState { get; private set; }

    public bool Ready { get; set; }

    /// <summary>Whether this life got through its startup probe.</summary>
    public bool Started { get; set; }

    /// <summary>What this life wrote; null before the first.</summary>
    public ContainerLog? Log { get; private set; }

    public ContainerLog? PreviousLog { get; private set; }

    /// <summary>Ends the process of this life.</summary>
    public CancellationTokenSource Kill { get; private set; } = new();

    /// <summary>Where what is attached to writes to the process; null where it reads nothing.</summary>
    public Stream? Input { get; set; }

    public void Start()
    {
        if (Log is not null)
        {
            PreviousLog = Log;
            Restarts++;
            Files = new ContainerFiles();
        }
        Log = new ContainerLog(time);
        Kill = new CancellationTokenSource();
        Phase = ContainerPhase.Running;
        StartedAt = time.GetUtcNow();
        (Ready, Started) = (false, true);
    }

    public void End(int code)
    {
        Phase = ContainerPhase.Terminated;
        ExitCode = code;
        FinishedAt = time.GetUtcNow();
        Ready = false;
        Log?.End();
    }

    public void Wait(string reason, string? message = null)
    {
        if (Phase == ContainerPhase.Terminated)
        {
            LastState = Terminated();
        }
        Phase = ContainerPhase.Waiting;
        Reason = reason;
        Message = message;
    }

    /// <summary>Remembers how this life ended, before the next begins.</summary>
    public void KeepLastState() => LastState = Phase == ContainerPhase.Terminated ? Terminated() : LastState;

    public JsonObject State() => Phase switch
    {
        ContainerPhase.Running => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = MetadataRules.Timestamp(StartedAt) } },
        ContainerPhase.Terminated => Terminated(),
        _ => new JsonObject { ["waiting"] = Waiting() },
    };

    private JsonObject Waiting()
    {
        var waiting = new JsonObject { ["reason"] = Reason };
        if (Message is not null)
        {
            waiting["message"] = Message;
        }
        return waiting;
    }

    private JsonObject Terminated() => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = ExitCode,
            ["reason"] = ExitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = MetadataRules.Timestamp(StartedAt),
            ["finishedAt"] = MetadataRules.Timestamp(FinishedAt),
            ["containerID"] = ContainerId,
        },
    };

    /// <summary>What a container runtime would call this life.</summary>
    public string ContainerId { get; set; } = "";
}
