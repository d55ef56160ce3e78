using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Makes what a run needs, and calls the user's code so that nothing of it can harm the actor that asked.</summary>
sealed class RunFactory(ControllerSpec spec, IKubernetesClient client, IEventRecorder recorder, ILoggerFactory loggers, TimeProvider time, IReadOnlyList<IRuntimeObserver>? observers = null)
{
    // Outlives the controller's actors: where one is stopped or restarted while a run goes on, the next run of that key waits for it.
    readonly ConcurrentDictionary<NamespacedName, Task<RunReport>> _left = new();
    readonly ILogger _logger = loggers.CreateLogger($"ActorKube.Controller.{spec.Name}");
    readonly string _kind = spec.For?.Resource.Kind.Kind ?? "";
    readonly string _activity = $"reconcile {spec.Name}";
    long _ids;

    /// <summary>What a controller's actor left when it was stopped, for the next one.</summary>
    public ControllerLedger Ledger { get; } = new();

    /// <summary>Whether a run is under way whose actor is gone.</summary>
    public bool IsAnyLeft => !_left.IsEmpty;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The controller's log.</summary>
    public ILogger Logger => _logger;

    /// <summary>Who hears how runs end.</summary>
    public IReadOnlyList<IRuntimeObserver> Observers { get; } = observers ?? [];

    /// <summary>The run of a key that is still under way although the actor that began it is gone; null where there is none. It never fails.</summary>
    public Task<RunReport>? Leftover(NamespacedName key) => !_left.IsEmpty && _left.TryGetValue(key, out var run) && !run.IsCompleted ? run : null;

    /// <summary>The actor that began a run goes, and the run goes on.</summary>
    public void Leave(NamespacedName key, Task<RunReport> run)
    {
        _left[key] = run;
        _ = run.ContinueWith(done => _left.TryRemove(KeyValuePair.Create(key, done)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Runs the reconciler once for a key, of which no run may be under way.</summary>
    /// <param name="key">The key.</param>
    /// <param name="attempt">The how-manieth attempt it is.</param>
    /// <param name="caches">What it may read.</param>
    /// <param name="trace">The trace that it belongs to; null where it begins one.</param>
    /// <param name="fence">Whether it may still write.</param>
    /// <param name="cancellation">Asks it to leave.</param>
    /// <returns>How it ended and what it wrote. Never fails.</returns>
    public Task<RunReport> RunAsync(NamespacedName key, int attempt, IReadOnlyList<ObjectCache> caches, Activity? trace, RunFence fence, CancellationToken cancellation) =>
        Observers.Count == 0
            ? RunOnceAsync(key, attempt, caches, trace, fence, [], cancellation)
            : RunWitnessed(key, attempt, caches, trace, fence, cancellation);

    Task<RunReport> RunWitnessed(NamespacedName key, int attempt, IReadOnlyList<ObjectCache> caches, Activity? trace, RunFence fence, CancellationToken cancellation)
    {
        // Whoever waits for the run is told in SetResult, and so before the witnesses hear that it is over.
        var ended = new TaskCompletionSource<RunReport>();
        _ = RunAsync();
        return ended.Task;

        // Asynchronous, so that what observers set in the flow stays in this run's.
        async Task RunAsync()
        {
            IReconcileWitness[] witnesses = [];
            try
            {
                witnesses = [.. Observers.Select(o => o.Reconciling(spec.Name, key)).OfType<IReconcileWitness>()];
                ended.SetResult(await RunOnceAsync(key, attempt, caches, trace, fence, witnesses, cancellation).ConfigureAwait(false));
            }
            catch (Exception error)
            {
                ended.TrySetException(error);
            }
            finally
            {
                foreach (var witness in witnesses)
                    witness.Left();
            }
        }
    }

    async Task<RunReport> RunOnceAsync(
        NamespacedName key, int attempt, IReadOnlyList<ObjectCache> caches, Activity? trace, RunFence fence, IReadOnlyList<IReconcileWitness> witnesses, CancellationToken cancellation)
    {
        // The actor that asks goes on at once: all that follows is a thread's of the pool.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var id = string.Create(CultureInfo.InvariantCulture, $"{spec.Name}-{Interlocked.Increment(ref _ids)}");
        var writes = new WriteLog(fence);
        writes.Enter();
        var found = spec.Find(key, caches);
        var properties = new ReconcileScope(spec.Name, _kind, key, found?.ResourceVersion ?? "", id);
        using var activity = Trace(properties, attempt, trace);
        using var scope = _logger.BeginScope(properties);
        var started = time.GetTimestamp();
        try
        {
            var events = spec.For is { } own ? recorder.For(found, own.Resource, key, spec.Options.EventComponent) : NoEvents.Instance;
            var run = new ReconcileRun(key, found, attempt, id, client, events, _logger, time, caches, writes, witnesses);
            var result = await spec.Handler(run, cancellation).ConfigureAwait(false);
            return result?.TerminalReason is { } reason
                ? Report(RunEnd.TerminalError, result, error: new TerminalReconcileException(reason))
                : result?.After is { } after ? Report(RunEnd.RequeueAfter, result, after) : Report(RunEnd.Done, result);
        }
        catch (TerminalReconcileException error)
        {
            return Report(RunEnd.TerminalError, error: error);
        }
        catch (Exception error)
        {
            return Report(RunEnd.Error, error: error);
        }

        RunReport Report(RunEnd end, ReconcileResult? result = null, TimeSpan after = default, Exception? error = null)
        {
            if (error is not null)
                activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            return new(end, result, after, error, writes.Taken(), properties, id, time.GetElapsedTime(started));
        }
    }

    Activity? Trace(ReconcileScope properties, int attempt, Activity? cause)
    {
        if (!RuntimeMetrics.Activities.HasListeners())
            return null;
        // Without a cause it begins a trace of its own: whatever this thread did before is not one.
        Activity.Current = null;
        var activity = RuntimeMetrics.Activities.StartActivity(_activity, ActivityKind.Internal, cause?.Context ?? default);
        foreach (var (name, value) in properties)
            activity?.SetTag(name, value);
        return activity?.SetTag("attempt", attempt);
    }
}

/// <summary>What a run came to.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Result">What it returned; null where it threw.</param>
/// <param name="After">With <see cref="RunEnd.RequeueAfter"/>, the time asked for.</param>
/// <param name="Error">With an error, what it was.</param>
/// <param name="Writes">What it wrote.</param>
/// <param name="Scope">What log lines about it carry.</param>
/// <param name="Id">Its name in logs.</param>
/// <param name="Took">How long it took.</param>
sealed record RunReport(RunEnd End, ReconcileResult? Result, TimeSpan After, Exception? Error, IReadOnlyList<ObjectWrite> Writes, ReconcileScope Scope, string Id, TimeSpan Took);
