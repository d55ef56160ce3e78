using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Owners that there are not, as the server has said: a uid never comes back, so nobody has to ask again for each of a thousand dependents. Bounded; the oldest are forgotten.
/// </summary>
internal sealed class AbsentOwners(int capacity = 500)
{
    private readonly HashSet<ObjectIdentity> _known = [];
    private readonly Queue<ObjectIdentity> _order = new();

    public void Add(ObjectIdentity owner)
    {
        if (!_known.Add(owner))
        {
            return;
        }
        _order.Enqueue(owner);
        if (_order.Count > capacity)
        {
            _known.Remove(_order.Dequeue());
        }
    }

    /// <summary>Whether the owner that somebody in a namespace names is known to be absent, in that namespace or in none.</summary>
    public bool Has(OwnerReference owner, string @namespace) => _known.Contains(ObjectIdentity.Of(owner, @namespace)) || _known.Contains(ObjectIdentity.Of(owner, ""));
}
