namespace ActorKube.Transport;

/// <summary>
/// Conditions that must hold one after another, as those of client-go's <c>Until</c>: each is asked of the event for which the one before it held, then of those that follow. One
/// reader's; not thread-safe.
/// </summary>
/// <typeparam name="T">What conditions are asked of.</typeparam>
public sealed class ConditionSequence<T>
{
    readonly IReadOnlyList<Func<T, bool>> _conditions;
    int _held;

    /// <param name="conditions">The conditions, in their order; none hold at once.</param>
    public ConditionSequence(IReadOnlyList<Func<T, bool>> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        _conditions = conditions;
    }

    /// <summary>Whether all have held.</summary>
    public bool IsDone => _held == _conditions.Count;

    /// <summary>Asks an event the conditions that have not held yet, as far as they do.</summary>
    /// <returns>Whether all have held now. What a condition throws, this throws.</returns>
    public bool See(T seen)
    {
        while (!IsDone && _conditions[_held](seen)) _held++;
        return IsDone;
    }
}
