using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>Compares parts of objects by what they say.</summary>
internal sealed class SemanticComparer<T> : IEqualityComparer<T>
    where T : class
{
    public static SemanticComparer<T> Default { get; } = new();

    public bool Equals(T? x, T? y) => x is null ? y is null : y is not null && x.SemanticallyEquals(y);

    public int GetHashCode(T obj) => 0;
}
