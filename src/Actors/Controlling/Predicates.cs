namespace ActorKube.Actors;

/// <summary>Which changes are worth a reconcile. A predicate is any function of a change; these are the usual ones. Additions and deletions always pass.</summary>
public static class Predicates
{
    /// <summary>The object's spec changed, as its generation tells; changes of status, labels and annotations do not pass.</summary>
    public static bool GenerationChanged(CacheChange change) => change is not CacheChange.Modified m || m.Old.Generation != m.New.Generation;

    /// <summary>Anything changed; reminders do not pass.</summary>
    public static bool ResourceVersionChanged(CacheChange change) => change is not CacheChange.Modified m || !m.New.IsSameStateAs(m.Old);

    /// <summary>A label changed.</summary>
    public static bool LabelsChanged(CacheChange change) => change is not CacheChange.Modified m || Differ(m.Old.Labels, m.New.Labels);

    /// <summary>An annotation changed.</summary>
    public static bool AnnotationsChanged(CacheChange change) => change is not CacheChange.Modified m || Differ(m.Old.Annotations, m.New.Annotations);

    /// <summary>Passes where any of several pass.</summary>
    public static Func<CacheChange, bool> Any(params Func<CacheChange, bool>[] predicates) => change => Array.Exists(predicates, p => p(change));

    /// <summary>Passes where all of several pass.</summary>
    public static Func<CacheChange, bool> All(params Func<CacheChange, bool>[] predicates) => change => Array.TrueForAll(predicates, p => p(change));

    /// <summary>Passes where another does not.</summary>
    public static Func<CacheChange, bool> Not(Func<CacheChange, bool> predicate) => change => !predicate(change);

    static bool Differ(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other)
    {
        if (one.Count != other.Count)
            return true;
        foreach (var (key, value) in one)
        {
            if (!other.TryGetValue(key, out var there) || there != value)
                return true;
        }
        return false;
    }
}
