namespace ActorKube.Actors;

/// <summary>What is to be done about a key, gathered while its actor could not be told: one value a key, whatever happens meanwhile.</summary>
/// <param name="Priority">It is dirty, and this urgent; null where it is not.</param>
/// <param name="DueAt">When it is to be looked at; the earliest of all that asked.</param>
/// <param name="Failures">Failures that were reported from outside.</param>
readonly record struct KeyNews(int? Priority = null, DateTimeOffset? DueAt = null, int Failures = 0)
{
    /// <summary>Both.</summary>
    public KeyNews And(KeyNews other) => new(
        Priority is { } one && other.Priority is { } two ? Math.Max(one, two) : Priority ?? other.Priority,
        DueAt is { } first && other.DueAt is { } second ? (first < second ? first : second) : DueAt ?? other.DueAt,
        Failures + other.Failures);
}
