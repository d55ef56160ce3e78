using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Stands in for scheduler and kubelet: pods go from Pending to Running, and to Succeeded or Failed where they are meant to end. Pods that
/// live on (restartPolicy Always) stay Running; deleted ones stop within their grace period.
/// </summary>
internal sealed class PodSimulator(ObjectService objects, PodSimulatorOptions options, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private int _lastAddress;

    private ApiResource Pods => objects.Table.Current.Find("", "v1", "pods")!;

    public Task RunAsync() => FollowAsync(objects.Cluster.Store(new GroupResource("", "pods")), OnPod);

    private void OnPod(StoreEvent change)
    {
        var pod = change.Object!;
        switch (change.Type)
        {
            case StoreEventType.Added when !pod.Terminating:
                After(options.StartDelay, () => Start(pod.Namespace, pod.Name, pod.Uid));
                break;
            case StoreEventType.Modified when pod.Terminating && change.Previous?.Terminating != true:
                After(options.StopDelay, () => Stop(pod.Namespace, pod.Name, pod.Uid));
                break;
        }
    }

    private void After(TimeSpan delay, Action step)
    {
        if (delay <= TimeSpan.Zero)
        {
            Guarded(0, _ => step());
        }
        else
        {
            Later(delay, step);
        }
    }

    private void Start(string @namespace, string name, string uid)
    {
        var script = default(PodScript);
        objects.Rewrite(Pods, @namespace, name, pod =>
        {
            if (!IsStill(pod, uid, "Pending") || !IsOurs(pod))
            {
                return;
            }
            script = PodScript.Of(pod, options);
            var now = MetadataRules.Timestamp(Time.GetUtcNow());
            pod.Need("spec").Default("nodeName", options.NodeName);
            PodStatus.Running(pod, now, NextAddress());
        });
        if (script is { Ends: true })
        {
            After(script.RunTime, () => Finish(@namespace, name, uid, script));
        }
    }

    private void Finish(string @namespace, string name, string uid, PodScript script)
    {
        objects.Rewrite(Pods, @namespace, name, pod =>
        {
            if (IsStill(pod, uid, "Running"))
            {
                PodStatus.Finished(pod, MetadataRules.Timestamp(Time.GetUtcNow()), script.ExitCode);
            }
        });
    }

    /// <summary>A deleted pod's containers have stopped: its grace is over.</summary>
    private void Stop(string @namespace, string name, string uid)
    {
        if (Pods.Store.Current.Get(@namespace, name) is { } pod && pod.Uid == uid && IsOurs(pod.ToTree()))
        {
            objects.Delete(Pods, @namespace, name, new DeleteOptions { GracePeriodSeconds = 0, Uid = uid }, WriteContext.Internal("kubelet"));
        }
    }

    /// <summary>A pod that somebody bound to another node is somebody else's.</summary>
    private bool IsOurs(JsonObject pod) => pod.TextAt("spec", "nodeName") is null or "" || pod.TextAt("spec", "nodeName") == options.NodeName;

    private static bool IsStill(JsonObject pod, string uid, string phase) =>
        pod.Metadata().Text("uid") == uid && !pod.Metadata().ContainsKey("deletionTimestamp") && pod.TextAt("status", "phase") == phase;

    private string NextAddress()
    {
        var next = Interlocked.Increment(ref _lastAddress);
        return string.Create(CultureInfo.InvariantCulture, $"10.244.{next / 250 % 256}.{next % 250 + 2}");
    }
}

/// <summary>What a pod is meant to do: by its restart policy, and by annotations that say otherwise.</summary>
internal sealed record PodScript(bool Ends, TimeSpan RunTime, int ExitCode)
{
    /// <summary>Annotation: how long the containers run, such as <c>5s</c> or <c>200ms</c>; <c>never</c> never ends.</summary>
    public const string RunTimeAnnotation = "simulator.actorkube.dev/run-time";

    /// <summary>Annotation: what the containers exit with; anything but 0 is a failure.</summary>
    public const string ExitCodeAnnotation = "simulator.actorkube.dev/exit-code";

    public static PodScript Of(JsonObject pod, PodSimulatorOptions options)
    {
        var annotations = pod.Metadata().Child("annotations");
        var runTime = annotations?.Text(RunTimeAnnotation);
        var ends = runTime == "never" ? false : runTime is not null || pod.TextAt("spec", "restartPolicy") is "Never" or "OnFailure";
        var exitCode = int.TryParse(annotations?.Text(ExitCodeAnnotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) ? code : 0;
        return new PodScript(ends, ReadDuration(runTime) ?? options.RunTime, exitCode);
    }

    private static TimeSpan? ReadDuration(string? text)
    {
        if (text is null)
        {
            return null;
        }
        var (number, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1.0) : text.EndsWith('s') ? (text[..^1], 1000.0) : text.EndsWith('m') ? (text[..^1], 60_000.0) : (text, 1000.0);
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) && amount >= 0 && amount * unit < 1e9 ? TimeSpan.FromMilliseconds(amount * unit) : null;
    }
}
