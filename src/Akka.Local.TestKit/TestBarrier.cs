namespace Akka.TestKit;

/// <summary>Lets threads go on when all of them have arrived.</summary>
public class TestBarrier
{
    /// <summary>5 s.</summary>
    [Obsolete("Use TestKitSettings.DefaultTimeout.")]
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    readonly TestKitBase _testKit;
    readonly int _count;
    readonly TimeSpan _defaultTimeout;
    readonly Barrier _barrier;

    /// <param name="testKit">Dilates the timeouts.</param>
    /// <param name="count">How many must arrive.</param>
    /// <param name="defaultTimeout">How long <see cref="Await()"/> waits; null for <see cref="TestKitSettings.DefaultTimeout"/>.</param>
    public TestBarrier(TestKitBase testKit, int count, TimeSpan? defaultTimeout = null)
    {
        _testKit = testKit;
        _count = count;
        _defaultTimeout = defaultTimeout ?? testKit.TestKitSettings.DefaultTimeout;
        _barrier = new Barrier(count);
    }

    /// <summary>Arrives, and waits for the others as long as patience lasts.</summary>
    public void Await() => Await(_defaultTimeout);

    /// <inheritdoc cref="Await()" />
    public void Await(TimeSpan timeout) => _barrier.SignalAndWait(_testKit.Dilated(timeout));

    /// <summary>Forgets who has arrived.</summary>
    public void Reset()
    {
        _barrier.RemoveParticipants(_count);
        _barrier.AddParticipants(_count);
    }
}
