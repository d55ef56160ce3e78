using Akka.Streams.Dsl;

namespace Akka.Streams.Implementation;

/// <summary>How blueprints of straight lines are put together.</summary>
internal static class Linear
{
    /// <summary><paramref name="right"/> after <paramref name="left"/>; keeps the left materialized value.</summary>
    public static Blueprint Then<TLeft, TRight>(this IGraph<TLeft> left, IGraph<TRight> right) where TLeft : Shape where TRight : Shape =>
        LinearBlueprint.Append(left.Blueprint, 1, right.Blueprint, null);

    /// <summary><paramref name="right"/> after <paramref name="left"/>; combines the materialized values.</summary>
    public static Blueprint Then<TLeft, TRight, TMat, TMat2, TMat3>(this IGraph<TLeft> left, IGraph<TRight> right,
        Func<TMat, TMat2, TMat3> combine) where TLeft : Shape where TRight : Shape =>
        LinearBlueprint.Append(left.Blueprint, 1, right.Blueprint, (l, r) => combine((TMat)l!, (TMat2)r!));

    public static Blueprint Map<TMat, TMat2>(this Blueprint blueprint, Func<TMat, TMat2> map) =>
        LinearBlueprint.Map(blueprint, value => map((TMat)value!));
}
