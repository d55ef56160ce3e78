#nullable disable
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Akka.Actor.Internal;

/// <summary>Knows which actor types wrap the handling of their messages.</summary>
internal static class AroundReceive
{
    private static readonly ConditionalWeakTable<Type, StrongBox<bool>> Known = [];

    public static bool IsOverriddenBy(Type actorType) => Known.GetValue(actorType, static type =>
    {
        var method = type.GetMethod("AroundReceive", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, [typeof(Receive), typeof(object)]);
        return new StrongBox<bool>(method?.DeclaringType != typeof(ActorBase));
    }).Value;
}
