#nullable disable
namespace Akka.Coordination;

/// <summary>Something that at most one owner holds at a time, agreed upon outside of this process.</summary>
public abstract class Lease
{
    public Lease(LeaseSettings settings) => Settings = settings;

    public LeaseSettings Settings { get; }

    /// <summary>Tries to get the lease, once. Any number of times by its holder.</summary>
    /// <returns>Whether it is held now; false where another holds it.</returns>
    public abstract Task<bool> Acquire();

    /// <inheritdoc cref="Acquire()" />
    /// <param name="leaseLostCallback">Called once where the lease is lost later, with the cause or null; on any thread.</param>
    public abstract Task<bool> Acquire(Action<Exception> leaseLostCallback);

    /// <summary>Gives the lease back.</summary>
    /// <returns>Whether others can have it now.</returns>
    public abstract Task<bool> Release();

    /// <summary>Whether the lease is held. Quick, asks nobody, and says no in good time before another could hold it.</summary>
    public abstract bool CheckLease();
}

/// <summary>A lease could not be had or given back.</summary>
public class LeaseException : Exception
{
    public LeaseException(string message) : base(message) { }

    public LeaseException(string message, Exception innerEx) : base(message, innerEx) { }
}

/// <summary>A lease could not be had or given back in time.</summary>
public sealed class LeaseTimeoutException : LeaseException
{
    public LeaseTimeoutException(string message) : base(message) { }

    public LeaseTimeoutException(string message, Exception innerEx) : base(message, innerEx) { }
}
