namespace Akka.TestKit;

/// <summary>A predicate on messages of one type, for <see cref="TestKitBase.ExpectMsgAllOfMatchingPredicates(PredicateInfo[])"/>.</summary>
public class PredicateInfo
{
    internal PredicateInfo(Delegate predicate, Type type)
    {
        PredicateT = predicate;
        Type = type;
    }

    /// <summary>The predicate.</summary>
    public Delegate PredicateT { get; }

    /// <summary>The type it is on.</summary>
    public Type Type { get; }

    /// <summary>Satisfied by messages of type <typeparamref name="T"/> for which <paramref name="predicateT"/> holds.</summary>
    public static PredicateInfo Create<T>(Predicate<T> predicateT) => new(predicateT, typeof(T));

    /// <inheritdoc />
    public override string ToString() => $"a predicate on {Type.Name}";

    internal bool IsSatisfiedBy(object message) => Type.IsInstanceOfType(message) && (bool)PredicateT.DynamicInvoke(message)!;
}
