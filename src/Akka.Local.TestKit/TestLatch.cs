namespace Akka.TestKit;

/// <summary>Opens when it has been counted down often enough; threads can wait for that.</summary>
public class TestLatch
{
    /// <summary>5 s.</summary>
    [Obsolete("Use TestKitSettings.DefaultTimeout.")]
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    readonly CountdownEvent _countdown;
    readonly Func<TimeSpan, TimeSpan>? _dilate;
    readonly TimeSpan _defaultTimeout;

    /// <summary>Opens when counted down once; waits are for 5 s.</summary>
    public TestLatch()
        : this(1)
    {
    }

    /// <param name="count">How often it must be counted down to open.</param>
    public TestLatch(int count)
        : this(count, TimeSpan.FromSeconds(5))
    {
    }

    /// <param name="count">How often it must be counted down to open.</param>
    /// <param name="defaultTimeout">How long <see cref="Ready()"/> waits.</param>
    public TestLatch(int count, TimeSpan defaultTimeout)
    {
        _countdown = new CountdownEvent(count);
        _defaultTimeout = defaultTimeout;
    }

    /// <param name="dilate">Is applied to every timeout.</param>
    /// <param name="defaultTimeout">How long <see cref="Ready()"/> waits.</param>
    /// <param name="count">How often it must be counted down to open.</param>
    protected TestLatch(Func<TimeSpan, TimeSpan> dilate, TimeSpan defaultTimeout, int count)
        : this(count, defaultTimeout) => _dilate = dilate;

    internal TestLatch(Func<TimeSpan, TimeSpan> dilate, int count, TimeSpan defaultTimeout)
        : this(dilate, defaultTimeout, count)
    {
    }

    /// <summary>Whether it has been counted down often enough.</summary>
    public bool IsOpen => _countdown.IsSet;

    /// <summary>Counts down by one.</summary>
    /// <exception cref="InvalidOperationException">It is open already.</exception>
    public void CountDown() => _countdown.Signal();

    /// <summary>Opens it, however much is left to count.</summary>
    public void Open()
    {
        while (!IsOpen)
            CountDown();
    }

    /// <summary>Closes it again, with its first count.</summary>
    public void Reset() => _countdown.Reset();

    /// <summary>Waits until it is open.</summary>
    /// <exception cref="TimeoutException">It was not open in time.</exception>
    public void Ready() => Ready(_defaultTimeout);

    /// <inheritdoc cref="Ready()" />
    public void Ready(TimeSpan timeout)
    {
        if (timeout == TimeSpan.MaxValue)
            throw new ArgumentException("A latch cannot be waited for forever; give a timeout.", nameof(timeout));
        var dilated = _dilate?.Invoke(timeout) ?? timeout;
        if (!_countdown.Wait(dilated))
            throw new TimeoutException($"The latch is not open after {dilated}: {_countdown.CurrentCount} of {_countdown.InitialCount} are left to count.");
    }
}
