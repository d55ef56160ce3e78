#nullable disable
namespace Akka;

/// <summary>Says that something has been done, where there is no result to carry.</summary>
public sealed class Done
{
    /// <summary>The one instance.</summary>
    public static readonly Done Instance = new();

    private Done() { }
}

/// <summary>The materialised value of a stream part that has none. There is one value, equal to itself.</summary>
public sealed class NotUsed : IEquatable<NotUsed>, IComparable<NotUsed>
{
    /// <summary>The one instance.</summary>
    public static readonly NotUsed Instance = new();

    private NotUsed() { }

    public override int GetHashCode() => 0;

    public override bool Equals(object obj) => obj is NotUsed;

    public override string ToString() => "()";

    public bool Equals(NotUsed other) => true;

    public int CompareTo(NotUsed other) => 0;
}
