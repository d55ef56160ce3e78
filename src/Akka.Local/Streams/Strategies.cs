namespace Akka.Streams;

/// <summary>What a full buffer does with one element more.</summary>
public enum OverflowStrategy
{
    /// <summary>Drops the oldest buffered element.</summary>
    DropHead = 2,

    /// <summary>Drops the youngest buffered element.</summary>
    DropTail = 3,

    /// <summary>Drops everything buffered.</summary>
    DropBuffer = 4,

    /// <summary>Drops the new element.</summary>
    DropNew = 5,

    /// <summary>Makes upstream wait.</summary>
    Backpressure = 6,

    /// <summary>Fails the stream with a <see cref="BufferOverflowException"/>.</summary>
    Fail = 7,
}

/// <summary>What a full delay buffer does with one element more.</summary>
public enum DelayOverflowStrategy
{
    /// <summary>Sends the oldest element before its time.</summary>
    EmitEarly = 1,

    /// <inheritdoc cref="OverflowStrategy.DropHead"/>
    DropHead = 2,

    /// <inheritdoc cref="OverflowStrategy.DropTail"/>
    DropTail = 3,

    /// <inheritdoc cref="OverflowStrategy.DropBuffer"/>
    DropBuffer = 4,

    /// <inheritdoc cref="OverflowStrategy.DropNew"/>
    DropNew = 5,

    /// <inheritdoc cref="OverflowStrategy.Backpressure"/>
    Backpressure = 6,

    /// <inheritdoc cref="OverflowStrategy.Fail"/>
    Fail = 7,
}

/// <summary>What a throttle does with elements that come too fast.</summary>
public enum ThrottleMode
{
    /// <summary>Delays them.</summary>
    Shaping,

    /// <summary>Fails the stream.</summary>
    Enforcing,
}

/// <summary>What cancelling one substream means to the stream it was split from.</summary>
public enum SubstreamCancelStrategy
{
    /// <summary>Cancel the whole stream.</summary>
    Propagate,

    /// <summary>Discard that substream's remaining elements.</summary>
    Drain,
}
