using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>What to do when objects come, change and go. Each call gets objects of its own. One call at a time; what throws is logged and harms nobody else.</summary>
/// <remarks>Calls should be short, such as adding a key to a <see cref="KeyQueue"/>: changes of one object that come while a call takes its time are told as one.</remarks>
/// <typeparam name="T">What objects are decoded as.</typeparam>
public sealed record InformerHandler<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>An object is there; true where it was there before the handler was.</summary>
    public Action<T, bool>? Added { get; init; }

    /// <summary>An object changed, from one state to another; of the same state twice where the handler asked to be reminded.</summary>
    public Action<T, T>? Updated { get; init; }

    /// <summary>An object is gone; its last state as far as it is known, and true where the deletion itself was missed and the object may have changed before it.</summary>
    public Action<T, bool>? Deleted { get; init; }

    internal void Handle(CacheChange change)
    {
        switch (change)
        {
            case CacheChange.Added added:
                Added?.Invoke(added.Object.As<T>(), added.Initial);
                break;
            case CacheChange.Modified modified:
                Updated?.Invoke(modified.Old.As<T>(), modified.New.As<T>());
                break;
            case CacheChange.Deleted deleted:
                Deleted?.Invoke(deleted.Object.As<T>(), deleted.FinalStateUnknown);
                break;
        }
    }
}
