using System.Collections.Concurrent;
using System.Globalization;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Makes what a run needs, and calls the user's code so that nothing of it can harm the actor that asked.</summary>
sealed class RunFactory(ControllerSpec spec, IKubernetesClient client, IEventRecorder recorder, ILoggerFactory loggers, TimeProvider time)
{
    // Outlives the controller's actors: where one is stopped or restarted while a run goes on, the next run of that key waits for it.
    readonly ConcurrentDictionary<NamespacedName, Task<RunReport>> _running = new();
    readonly ILogger _logger = loggers.CreateLogger($"ActorKube.Controller.{spec.Name}");
    readonly string _kind = spec.For.Resource.Kind.Kind;
    long _ids;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The controller's log.</summary>
    public ILogger Logger => _logger;

    /// <summary>The run of a key that is still under way although the actor that began it is gone; null where there is none. It never fails.</summary>
    public Task<RunReport>? Leftover(NamespacedName key) => _running.TryGetValue(key, out var run) && !run.IsCompleted ? run : null;

    /// <summary>Runs the reconciler once for a key, of which no run may be under way.</summary>
    /// <returns>How it ended and what it wrote. Never fails.</returns>
    public Task<RunReport> RunAsync(NamespacedName key, int attempt, IReadOnlyList<ObjectCache> caches, CancellationToken cancellation)
    {
        var run = Task.Run(() => RunOnceAsync(key, attempt, caches, cancellation), CancellationToken.None);
        _running[key] = run;
        _ = run.ContinueWith(done => _running.TryRemove(KeyValuePair.Create(key, done)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return run;
    }

    async Task<RunReport> RunOnceAsync(NamespacedName key, int attempt, IReadOnlyList<ObjectCache> caches, CancellationToken cancellation)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{spec.Name}-{Interlocked.Increment(ref _ids)}");
        var writes = new WriteLog();
        writes.Enter();
        using var activity = RuntimeMetrics.Activities.StartActivity("reconcile");
        activity?.SetTag("controller", spec.Name).SetTag("kind", _kind).SetTag("namespace", key.Namespace).SetTag("name", key.Name).SetTag("reconcileId", id).SetTag("attempt", attempt);
        using var scope = _logger.BeginScope(new Dictionary<string, object> { ["kind"] = _kind, ["namespace"] = key.Namespace, ["name"] = key.Name, ["reconcileId"] = id });
        var started = time.GetTimestamp();
        try
        {
            caches[0].TryGet(key, out var found);
            var run = new ReconcileRun(key, found, attempt, id, client, recorder.For(found, spec.For.Resource, key), _logger, time, caches, writes);
            var result = await spec.Handler(run, cancellation).ConfigureAwait(false);
            return result?.TerminalReason is { } reason
                ? Report(RunEnd.TerminalError, error: new TerminalReconcileException(reason))
                : result?.After is { } after ? Report(RunEnd.RequeueAfter, after) : Report(RunEnd.Done);
        }
        catch (TerminalReconcileException error)
        {
            return Report(RunEnd.TerminalError, error: error);
        }
        catch (Exception error)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, error.Message);
            return Report(RunEnd.Error, error: error);
        }

        RunReport Report(RunEnd end, TimeSpan after = default, Exception? error = null) => new(end, after, error, writes.Taken(), id, time.GetElapsedTime(started));
    }
}

/// <summary>What a run came to.</summary>
/// <param name="End">How it ended.</param>
/// <param name="After">With <see cref="RunEnd.RequeueAfter"/>, the time asked for.</param>
/// <param name="Error">With an error, what it was.</param>
/// <param name="Writes">What it wrote.</param>
/// <param name="Id">Its name in logs.</param>
/// <param name="Took">How long it took.</param>
sealed record RunReport(RunEnd End, TimeSpan After, Exception? Error, IReadOnlyList<ObjectWrite> Writes, string Id, TimeSpan Took);
