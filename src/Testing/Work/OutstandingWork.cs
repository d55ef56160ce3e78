using System.Runtime.CompilerServices;
using ActorKube.Actors;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Configs;

namespace ActorKube.Testing;

/// <summary>
/// Knows when all the work of this moment is done, so that a test lets time pass, or looks, exactly then: no waiting by guess. Work is every turn of an actor on the dispatchers
/// that are counted (see <see cref="Configuration"/>), every reconcile, and whatever is given to <see cref="TrackAsync{T}(string, Func{Task{T}})"/>; a reconcile that only waits for time to pass, or for the test, is none.
/// </summary>
/// <remarks>
/// <para>Waiting for time is a timer of <see cref="Time"/> (such as <c>Task.Delay(…, context.Time, …)</c>). Waiting for the test is a <see cref="ReconcileProbe{T}"/>, or what <see cref="HoldAsync(Task)"/>
/// was told of; any other wait, such as for a real socket, is work that goes on, and is waited for.</para>
/// <para>One for each actor system. Thread-safe. <see cref="ActorKubeFixture"/> has it built in; tests with a TestKit say <c>base(OutstandingWork.VirtualTimeConfiguration)</c> and
/// <c>OutstandingWork.Of(Sys)</c>.</para>
/// </remarks>
public sealed class OutstandingWork : IRuntimeObserver
{
    /// <summary>How long, in the machine's time, work may take before a test that waits for its end fails.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(20);

    static readonly ConditionalWeakTable<IScheduler, OutstandingWork> Systems = [];

    readonly Lock _lock = new();
    readonly HashSet<WorkFlow> _flows = [];
    readonly List<TaskCompletionSource> _waiting = [];
    readonly TestScheduler? _scheduler;
    int _turns;
    int _changes;
    int _reconciles;
    bool _leaving;

    OutstandingWork(IScheduler scheduler)
    {
        _scheduler = scheduler as TestScheduler;
        Time = _scheduler is null ? TimeProvider.System : new VirtualTime(_scheduler);
    }

    /// <summary>Counts what actors do: the default and the internal dispatcher of a system. Dispatchers of your own are counted where their <c>type</c> is this one's.</summary>
    public static Config Configuration { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka.actor {
          default-dispatcher { type = "{{typeof(CountedDispatcherConfigurator).FullName}}, {{typeof(CountedDispatcherConfigurator).Assembly.GetName().Name}}" }
          internal-dispatcher { type = "{{typeof(CountedDispatcherConfigurator).FullName}}, {{typeof(CountedDispatcherConfigurator).Assembly.GetName().Name}}" }
        }
        """);

    /// <summary>The same, on Akka's <see cref="TestScheduler"/>: time stands still until <see cref="AdvanceAsync"/> lets it pass.</summary>
    public static Config VirtualTimeConfiguration { get; } = Configuration.WithFallback(TestConfigs.TestSchedulerConfig);

    /// <summary>The clock of the system: virtual under <see cref="VirtualTimeConfiguration"/>, else the machine's.</summary>
    public TimeProvider Time { get; }

    /// <summary>How many reconciles have begun so far.</summary>
    public int ReconcilesBegun => Volatile.Read(ref _reconciles);

    /// <summary>The work of an actor system.</summary>
    public static OutstandingWork Of(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return Of(system.Scheduler);
    }

    internal static OutstandingWork Of(IScheduler scheduler) => Systems.GetValue(scheduler, static s => new OutstandingWork(s));

    /// <summary>Ends when nothing is left to do at this moment: what happens next takes time, or the test.</summary>
    /// <param name="patience">How long that may take, in the machine's time; null for <see cref="DefaultPatience"/>.</param>
    /// <exception cref="KubeExpectationException">Something still goes on after so long; the message names it.</exception>
    public async Task IdleAsync(TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? DefaultPatience);
        try
        {
            await IdleAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new KubeExpectationException($"There is still work after {(patience ?? DefaultPatience).TotalSeconds:0.#} s. {Tell()}");
        }
    }

    // An await that is registered in the very moment in which its task ends goes on in the thread pool, and nobody can count that: each such step is looked for by a round through the pool.
    internal async Task IdleAsync(CancellationToken cancellation)
    {
        const int Rounds = 3;
        for (var quiet = 0; quiet < Rounds; quiet++)
        {
            var (idle, changes) = WhenIdle();
            await idle.WaitAsync(cancellation).ConfigureAwait(false);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            lock (_lock)
            {
                if (!IsIdle() || _changes != changes)
                    quiet = -1;
            }
        }
    }

    (Task Idle, int Changes) WhenIdle()
    {
        lock (_lock)
        {
            if (IsIdle())
                return (Task.CompletedTask, _changes);
            var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(idle);
            return (idle.Task, _changes);
        }
    }

    /// <summary>Does all the work of this moment, lets virtual time pass, and does what that brings.</summary>
    /// <param name="by">How much time.</param>
    /// <param name="step">In steps of how much; null for one. What is due in the middle of a step is late by the rest of it.</param>
    /// <exception cref="InvalidOperationException">The system's time is the machine's.</exception>
    /// <exception cref="KubeExpectationException">The work does not come to an end; the message names it.</exception>
    public async Task AdvanceAsync(TimeSpan by, TimeSpan? step = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        await IdleAsync().ConfigureAwait(false);
        for (var left = by; left > TimeSpan.Zero; left -= step ?? by)
        {
            Advance(step < left ? step.Value : left);
            await IdleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets virtual time pass, and runs what is due on this thread.</summary>
    internal void Advance(TimeSpan by)
    {
        var scheduler = _scheduler ?? throw new InvalidOperationException("The time of this actor system is the machine's, and passes by itself: use OutstandingWork.VirtualTimeConfiguration.");
        Inline.Run(() => scheduler.Advance(by));
    }

    /// <summary>Says that the reconcile (or tracked work) in whose flow this is called waits for the test, or for somebody else outside, until a task ends: it is not waited for meanwhile.</summary>
    /// <param name="task">What the test ends itself, such as a <see cref="TaskCompletionSource"/>'s. One that follows it (an <c>Ask</c>'s, an asynchronous method's) ends a moment later, and nobody counts that moment.</param>
    /// <returns>The same task.</returns>
    /// <example><code>await OutstandingWork.HoldAsync(Task.Delay(Timeout.Infinite, cancellation)); // hangs until it is told to leave</code></example>
    public static Task HoldAsync(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        WorkFlow.Current?.WaitFor(task);
        return task;
    }

    /// <inheritdoc cref="HoldAsync(Task)"/>
    public static Task<T> HoldAsync<T>(Task<T> task)
    {
        HoldAsync((Task)task);
        return task;
    }

    /// <summary>Blocks this thread until a task ends, as code does that waits without awaiting: the actor's turn, or the reconcile, in which this is called is not waited for meanwhile.</summary>
    /// <param name="until">Ended by the test.</param>
    /// <param name="patience">How long at most, in the machine's time; null for <see cref="DefaultPatience"/>.</param>
    /// <returns>Whether it has ended.</returns>
    public static bool Block(Task until, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(until);
        return CountedDispatcherConfigurator.TurnOf is { } work ? work.BlockTurn(until, patience ?? DefaultPatience)
            : WorkFlow.Current is { } flow ? flow.Block(until, patience ?? DefaultPatience)
            : until.Wait(patience ?? DefaultPatience);
    }

    bool BlockTurn(Task until, TimeSpan patience)
    {
        // Instead of the turn there is something that waits, until that has ended.
        var held = new WorkFlow(this, "an actor's turn", timersAreWaits: false, parent: null);
        held.WaitFor(until);
        Change(() =>
        {
            _flows.Add(held);
            _turns--;
        });
        try
        {
            return until.Wait(patience);
        }
        finally
        {
            TurnBegins();
            held.End();
        }
    }

    /// <summary>Counts something that goes on outside of actors and reconciles as work until it ends.</summary>
    /// <param name="what">Its name in messages.</param>
    /// <param name="work">Begins it. What awaits the result goes on before the work counts as done.</param>
    /// <typeparam name="T">What comes out of it.</typeparam>
    public Task<T> TrackAsync<T>(string what, Func<Task<T>> work) => TrackAsync(what, work, timersAreWaits: true);

    internal Task<T> TrackAsync<T>(string what, Func<Task<T>> work, bool timersAreWaits)
    {
        ArgumentNullException.ThrowIfNull(work);
        var result = new TaskCompletionSource<T>();
        _ = BringAsync();
        return result.Task;

        // Whoever awaits the result runs in SetResult, so there is no moment between this work and what it brings about.
        async Task BringAsync()
        {
            var flow = Begin(what, timersAreWaits);
            try
            {
                var brought = await work().ConfigureAwait(false);
                result.SetResult(brought);
            }
            catch (OperationCanceledException cancelled)
            {
                result.TrySetCanceled(cancelled.CancellationToken);
            }
            catch (Exception error)
            {
                result.TrySetException(error);
            }
            finally
            {
                flow.End();
            }
        }
    }

    /// <inheritdoc/>
    IReconcileWitness IRuntimeObserver.Reconciling(string controller, Models.NamespacedName key)
    {
        Interlocked.Increment(ref _reconciles);
        return Begin($"the reconcile of {controller} {key}", timersAreWaits: true);
    }

    WorkFlow Begin(string what, bool timersAreWaits)
    {
        var flow = new WorkFlow(this, what, timersAreWaits, WorkFlow.Current);
        Change(() => _flows.Add(flow));
        flow.Enter();
        return flow;
    }

    internal void TurnBegins()
    {
        lock (_lock)
        {
            _changes++;
            _turns++;
        }
    }

    internal void TurnEnds() => Change(() => _turns--);

    internal void Remove(WorkFlow flow) => Change(() => _flows.Remove(flow));

    /// <summary>Changes what is counted, and wakes whoever waits where nothing is left to do.</summary>
    internal void Change(Action change)
    {
        TaskCompletionSource[] woken;
        lock (_lock)
        {
            _changes++;
            change();
            if (_waiting.Count == 0 || !IsIdle())
                return;
            woken = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var waiter in woken)
            waiter.TrySetResult();
    }

    bool IsIdle()
    {
        if (_turns > 0)
            return false;
        foreach (var flow in _flows)
        {
            if (!flow.OnlyWaits && !(_leaving && flow.MayHang))
                return false;
        }
        return true;
    }

    /// <summary>The test is over: what may hang for ever, since nobody knows what it waits for, is not waited for any more.</summary>
    internal void Leave() => Change(() => _leaving = true);

    /// <summary>What goes on, for people.</summary>
    internal string Tell()
    {
        lock (_lock)
        {
            var flows = _flows.Where(static f => !f.OnlyWaits).Select(static f => f.What).Order(StringComparer.Ordinal).ToArray();
            var turns = _turns > 0 ? $"Actors run ({_turns}). " : "";
            return flows.Length == 0
                ? turns
                : $"{turns}Still going on: {string.Join("; ", flows)}. What waits for the test says so with OutstandingWork.HoldAsync(task); what waits for time uses the test's TimeProvider.";
        }
    }
}
