namespace ActorKube.Actors;

/// <summary>How urgent a key's work is; higher goes first, and what waits long enough gets its turn all the same.</summary>
public static class ReconcilePriority
{
    /// <summary>Something changed.</summary>
    public const int Change = 0;

    /// <summary>A reconcile asked to be called again at a time, and the time has come.</summary>
    public const int Requeue = -10;

    /// <summary>A failed reconcile is tried again.</summary>
    public const int Retry = -50;

    /// <summary>An object of the initial list, or a resync: nothing says that anything changed.</summary>
    public const int Background = -100;
}
