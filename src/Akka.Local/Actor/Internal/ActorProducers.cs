#nullable disable
using System.Reflection;

namespace Akka.Actor.Internal;

/// <summary>Calls the constructor whose parameters fit the arguments.</summary>
internal sealed class ActivatorProducer(Type type, object[] arguments) : IIndirectActorProducer
{
    private ConstructorInvoker _parameterless;

    public Type ActorType => type;

    public ActorBase Produce()
    {
        if (arguments.Length > 0)
        {
            return (ActorBase)Activator.CreateInstance(type,
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, arguments, null);
        }

        if (_parameterless is null)
        {
            var constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);
            if (constructor is null)
                return (ActorBase)Activator.CreateInstance(type, nonPublic: true);
            _parameterless = ConstructorInvoker.Create(constructor);
        }

        return (ActorBase)_parameterless.Invoke();
    }

    public void Release(ActorBase actor) { }
}

/// <summary>Calls one constructor with given arguments.</summary>
internal sealed class ConstructorProducer(Type type, ConstructorInfo constructor, object[] arguments) : IIndirectActorProducer
{
    private readonly ConstructorInvoker _invoker = constructor is null ? null : ConstructorInvoker.Create(constructor);

    public Type ActorType => type;

    public ActorBase Produce() => (ActorBase)(_invoker is null ? Activator.CreateInstance(type) : _invoker.Invoke(arguments.AsSpan()));

    public void Release(ActorBase actor) { }
}

/// <summary>Calls a function.</summary>
internal sealed class FactoryProducer<TActor>(Func<TActor> factory) : IIndirectActorProducer where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public ActorBase Produce() => factory();

    public void Release(ActorBase actor) { }
}

/// <summary>Has nothing to make.</summary>
internal sealed class NothingProducer : IIndirectActorProducer
{
    public static readonly NothingProducer Instance = new();

    public Type ActorType => typeof(ActorBase);

    public ActorBase Produce() => throw new InvalidOperationException("These props do not say how to make an actor.");

    public void Release(ActorBase actor) { }
}
