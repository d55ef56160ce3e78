using System.Threading.Channels;
using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Testing;

/// <summary>A reconciler in a test's hands: each call waits until the test takes it and says how it ends.</summary>
/// <remarks>Thread-safe. <c>var run = await probe.Next(); … run.Done();</c></remarks>
/// <typeparam name="T">The kind that is reconciled.</typeparam>
public sealed class ReconcileProbe<T> : IReconciler<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Channel<ProbedRun<T>> _runs = Channel.CreateUnbounded<ProbedRun<T>>();
    int _count;

    /// <summary>How often the reconciler was called so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The next call, when it comes.</summary>
    /// <exception cref="TimeoutException">None comes.</exception>
    public async Task<ProbedRun<T>> Next()
    {
        try
        {
            return await _runs.Reader.ReadAsync().AsTask().WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No reconcile began within {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>The next call, which must be for a key.</summary>
    /// <exception cref="InvalidOperationException">It is for another.</exception>
    public async Task<ProbedRun<T>> Next(NamespacedName key)
    {
        var run = await Next().ConfigureAwait(false);
        return run.Key == key ? run : throw new InvalidOperationException($"Expected a reconcile of {key}, and {run.Key} came.");
    }

    /// <inheritdoc/>
    public Task<ReconcileResult> ReconcileAsync(ReconcileContext<T> context, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _count);
        var run = new ProbedRun<T>(context, cancellation);
        var ended = OutstandingWork.HoldAsync(run.Ended);
        _runs.Writer.TryWrite(run);
        return ended;
    }
}

/// <summary>A call of a <see cref="ReconcileProbe{T}"/> that goes on until the test ends it.</summary>
public sealed class ProbedRun<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    // What the end brings about happens before the test goes on, so that it is counted as work by then.
    readonly TaskCompletionSource<ReconcileResult> _end = new();

    internal ProbedRun(ReconcileContext<T> context, CancellationToken cancellation)
    {
        Context = context;
        Cancellation = cancellation;
    }

    /// <summary>What the reconciler was given.</summary>
    public ReconcileContext<T> Context { get; }

    /// <summary>Whose call it is.</summary>
    public NamespacedName Key => Context.Key;

    /// <summary>Cancelled where the call is asked to leave.</summary>
    public CancellationToken Cancellation { get; }

    internal Task<ReconcileResult> Ended => _end.Task;

    /// <summary>Ends it well.</summary>
    public void Done() => End(ReconcileResult.Done);

    /// <summary>Ends it with a result.</summary>
    public void End(ReconcileResult result) => Inline.Run(() => _end.TrySetResult(result));

    /// <summary>Ends it with an error.</summary>
    public void Fail(Exception? error = null) => Inline.Run(() => _end.TrySetException(error ?? new IOException("failed, as the test wants")));
}
