using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a change in the graph of owners asks for.</summary>
internal sealed class OwnerGraphNews
{
    /// <summary>Uids of objects to look at: whether they shall be deleted, may be let go, or are there at all.</summary>
    public HashSet<string> ToAttempt { get; } = new(StringComparer.Ordinal);

    /// <summary>Uids of owners that were asked to leave what they own behind.</summary>
    public HashSet<string> ToOrphan { get; } = new(StringComparer.Ordinal);

    /// <summary>Uids of owners of which only guesses are left: to look at, but not in a hurry.</summary>
    public HashSet<string> ToGuess { get; } = new(StringComparer.Ordinal);

    /// <summary>Objects that name an owner which lives in another namespace.</summary>
    public List<(ObjectIdentity Dependent, OwnerReference Owner)> Strangers { get; } = [];
}
