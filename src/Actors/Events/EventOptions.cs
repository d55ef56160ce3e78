namespace ActorKube.Actors;

/// <summary>Which of Kubernetes' two kinds of events are written.</summary>
public enum EventApi
{
    /// <summary>Events of the core group, counted: what client-go's <c>tools/record</c> and controller-runtime write.</summary>
    Core,

    /// <summary>Events of <c>events.k8s.io/v1</c>, whose repetitions are a series: what client-go's <c>tools/events</c> writes.</summary>
    EventsV1,
}

/// <summary>How events are kept few, and what becomes of them where the server is slow or away. Numbers are client-go's.</summary>
public sealed record EventOptions
{
    /// <summary>Which kind of events is written.</summary>
    public EventApi Api { get; init; } = EventApi.Core;

    /// <summary>So many distinct messages of one object, type and reason within <see cref="AggregateWindow"/> are told as one event from then on.</summary>
    public int AggregateFrom { get; init; } = 10;

    /// <summary>How long without a similar event until messages are told apart again.</summary>
    public TimeSpan AggregateWindow { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>How many events of one object pass at once.</summary>
    public int SpamBurst { get; init; } = 25;

    /// <summary>How many events of one object pass a second once <see cref="SpamBurst"/> is used up: one in five minutes.</summary>
    public double SpamPerSecond { get; init; } = 1d / 300;

    /// <summary>How many objects, similar events and events are remembered, each; the least recently used is forgotten.</summary>
    public int Remembered { get; init; } = 4096;

    /// <summary>How many events may wait to be written; more are dropped.</summary>
    public int QueueLimit { get; init; } = 1000;

    /// <summary>How often an event is tried to be written while the server does not answer.</summary>
    public int Attempts { get; init; } = 12;

    /// <summary>How long between two attempts; the first pause is shortened at random, so that not all processes come back at one moment.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one attempt may take. (ActorKube's own.)</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A series to which nothing was added for this long is finished; the next event like it is a new one.</summary>
    public TimeSpan SeriesFinish { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How often a series that goes on is written.</summary>
    public TimeSpan SeriesRefresh { get; init; } = TimeSpan.FromMinutes(30);

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AggregateFrom, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(AggregateWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SpamBurst, 1);
        if (!(SpamPerSecond >= 0))
            throw new ArgumentOutOfRangeException(nameof(SpamPerSecond), SpamPerSecond, "This is 0 or more.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Remembered, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueLimit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryPause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SeriesFinish, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SeriesRefresh, TimeSpan.Zero);
    }
}
