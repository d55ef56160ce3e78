#nullable disable
using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>The ordinary <see cref="ICancelable"/>. Safe on every thread. Its token is made only where asked for.</summary>
public class Cancelable : ICancelable, IDisposable
{
    private readonly IActionScheduler _scheduler;
    private CancellationTokenSource _source;
    private object _scheduled;
    private int _state;

    public Cancelable(IScheduler scheduler) : this(scheduler.Advanced) { }

    public Cancelable(IScheduler scheduler, TimeSpan delay) : this(scheduler.Advanced, delay) { }

    public Cancelable(IScheduler scheduler, int millisecondsDelay) : this(scheduler.Advanced, TimeSpan.FromMilliseconds(millisecondsDelay)) { }

    public Cancelable(IActionScheduler scheduler) => _scheduler = scheduler;

    /// <summary>Cancels itself after <paramref name="delay"/>.</summary>
    public Cancelable(IActionScheduler scheduler, TimeSpan delay) : this(scheduler) => CancelAfter(delay);

    public bool IsCancellationRequested => Volatile.Read(ref _state) != 0;

    public bool IsDisposed { get; private set; }

    public CancellationToken Token
    {
        get
        {
            var source = Volatile.Read(ref _source);
            if (source is null)
            {
                var created = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _source, created, null) ?? created;
                if (IsCancellationRequested)
                    source.Cancel();
            }

            return source.Token;
        }
    }

    public static ICancelable CreateCanceled()
    {
        var cancelable = new Cancelable((IActionScheduler)null);
        cancelable.Cancel();
        return cancelable;
    }

    /// <summary>One that is cancelled with the first of <paramref name="cancelables"/>.</summary>
    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params ICancelable[] cancelables) =>
        CreateLinkedCancelable(scheduler.Advanced, cancelables);

    public static ICancelable CreateLinkedCancelable(IActionScheduler scheduler, params ICancelable[] cancelables) =>
        CreateLinkedCancelable(scheduler, cancelables.Select(c => c.Token).ToArray());

    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params CancellationToken[] cancellationTokens) =>
        CreateLinkedCancelable(scheduler.Advanced, cancellationTokens);

    public static ICancelable CreateLinkedCancelable(IActionScheduler scheduler, params CancellationToken[] cancellationTokens)
    {
        var cancelable = new Cancelable(scheduler);
        foreach (var token in cancellationTokens)
            token.Register(static state => ((Cancelable)state).Cancel(), cancelable);
        return cancelable;
    }

    public void Cancel() => Cancel(false);

    public void Cancel(bool throwOnFirstException)
    {
        if (Interlocked.Exchange(ref _state, 1) != 0)
            return;
        Forget(Interlocked.Exchange(ref _scheduled, null));
        Volatile.Read(ref _source)?.Cancel(throwOnFirstException);
    }

    public void CancelAfter(TimeSpan delay)
    {
        if (delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delay), $"A delay is zero or longer, not {delay}.");
        if (delay == TimeSpan.Zero)
            Cancel(true);
        else
            _scheduler.ScheduleOnce(delay, Cancel);
    }

    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        if (disposing)
            Volatile.Read(ref _source)?.Dispose();
    }

    /// <summary>Lets a schedule be forgotten at once when this is cancelled, instead of waiting for its time.</summary>
    internal void Link(ScheduledWork work)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _scheduled);
            object next = seen switch
            {
                null => work,
                ScheduledWork one => new List<ScheduledWork> { one, work },
                List<ScheduledWork> many => new List<ScheduledWork>(many.Where(w => w.IsPending)) { work },
                _ => work,
            };
            if (Interlocked.CompareExchange(ref _scheduled, next, seen) == seen)
                break;
        }

        if (IsCancellationRequested)
            Forget(Interlocked.Exchange(ref _scheduled, null));
    }

    private static void Forget(object scheduled)
    {
        if (scheduled is ScheduledWork one)
            one.Forget();
        else if (scheduled is List<ScheduledWork> many)
            many.ForEach(w => w.Forget());
    }
}

/// <summary>Questions to cancelables that may be null.</summary>
public static class CancelableExtensions
{
    public static void CancelIfNotNull(this ICancelable cancelable) => cancelable?.Cancel();
}
