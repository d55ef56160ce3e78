namespace ActorKube.Actors;

/// <summary>Whether a run may still write. It is broken when the run's key is not this process's any more: its slice or its leadership went elsewhere.</summary>
/// <remarks>
/// Checked before a request is sent, so a request that is on its way is not called back: what must not happen even then is guarded by resourceVersion
/// preconditions, as between any two writers. Thread-safe; once broken it stays so.
/// </remarks>
/// <param name="isHeld">Whether the key's slice is still this process's, as far as time alone can tell; null where only being told so counts.</param>
sealed class RunFence(Func<bool>? isHeld = null)
{
    volatile bool _broken;

    /// <summary>Whether the run may write no more.</summary>
    public bool IsBroken => _broken || isHeld?.Invoke() is false;

    /// <summary>From now on the run may not write.</summary>
    public void Break() => _broken = true;

    /// <exception cref="OwnershipLostException">The run may write no more.</exception>
    public void Check()
    {
        if (IsBroken)
            throw new OwnershipLostException();
    }
}

/// <summary>A reconcile wanted to write after its key had gone to another process, or its controller had been stopped: nothing was sent. Whoever owns the key now reconciles it.</summary>
public sealed class OwnershipLostException() : InvalidOperationException("This process does not own the object's key any more, so the write was not sent: leadership or the key's slice went elsewhere, or the controller was stopped.");
