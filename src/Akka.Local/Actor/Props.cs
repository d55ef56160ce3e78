#nullable disable
using System.Linq.Expressions;
using Akka.Actor.Internal;
using Akka.Routing;
using Akka.Util;

namespace Akka.Actor;

/// <summary>How to make an actor: immutable, shareable, and asked again at every restart.</summary>
public class Props : IEquatable<Props>, ISurrogated
{
    private static readonly object[] NoArguments = [];

    /// <summary>Actors nobody can make.</summary>
    public static readonly Props None = new TerminatedProps();

    private static readonly Deploy DefaultDeploy = new();

    private readonly IIndirectActorProducer _producer;
    private readonly Type _type;

    protected Props()
        : this(DefaultDeploy, NothingProducer.Instance, typeof(ActorBase), NoArguments, null) { }

    protected Props(Props copy)
        : this(copy.Deploy, copy._producer, copy._type, copy.Arguments, copy.SupervisorStrategy) { }

    public Props(Type type) : this(DefaultDeploy, type, NoArguments) { }

    public Props(Type type, object[] args) : this(DefaultDeploy, type, args) { }

    public Props(Type type, SupervisorStrategy supervisorStrategy, IEnumerable<object> args) : this(type, supervisorStrategy, args.ToArray()) { }

    public Props(Type type, SupervisorStrategy supervisorStrategy, params object[] args) : this(DefaultDeploy, type, args) =>
        SupervisorStrategy = supervisorStrategy;

    public Props(Deploy deploy, Type type, IEnumerable<object> args) : this(deploy, type, args.ToArray()) { }

    public Props(Deploy deploy, Type type, params object[] args)
        : this(deploy, ProducerFor(type, args), type, args ?? NoArguments, null) { }

    private Props(Deploy deploy, IIndirectActorProducer producer, Type type, object[] arguments, SupervisorStrategy supervisorStrategy)
    {
        Deploy = deploy;
        _producer = producer;
        _type = type;
        Arguments = arguments;
        SupervisorStrategy = supervisorStrategy;
    }

    /// <summary>An actor that ignores everything.</summary>
    public static Props Empty => Create<EmptyActor>();

    public Type Type => _producer.ActorType ?? _type;

    public string TypeName => Type.AssemblyQualifiedName;

    public object[] Arguments { get; }

    public Deploy Deploy { get; protected set; }

    public SupervisorStrategy SupervisorStrategy { get; protected set; }

    public string Dispatcher => Deploy.Dispatcher == Deploy.NoDispatcherGiven ? Dispatch.Dispatchers.DefaultDispatcherId : Deploy.Dispatcher;

    public string Mailbox => Deploy.Mailbox;

    public RouterConfig RouterConfig => Deploy.RouterConfig;

    /// <summary>
    /// Makes the actor by an expression that calls its constructor. Its arguments are evaluated now, once, and are the same at every restart.
    /// </summary>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy supervisorStrategy = null) where TActor : ActorBase
    {
        if (factory.Body is UnaryExpression)
            return new Props(DefaultDeploy, new FactoryProducer<TActor>(factory.Compile()), typeof(TActor), NoArguments, supervisorStrategy);
        if (factory.Body is not NewExpression creation)
            throw new ArgumentException("The factory must be a plain constructor call, as in Props.Create(() => new MyActor(a, b)).", nameof(factory));
        var arguments = Util.Reflection.ExpressionExtensions.GetArguments(creation);
        return new Props(DefaultDeploy, new ConstructorProducer(creation.Type, creation.Constructor, arguments), creation.Type, arguments, supervisorStrategy);
    }

    public static Props Create<TActor>(params object[] args) where TActor : ActorBase => new(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy) where TActor : ActorBase, new() => new(typeof(TActor), supervisorStrategy);

    public static Props Create(Type type, params object[] args) =>
        type is null ? throw new ArgumentNullException(nameof(type), "Props needs an actor's type.") : new Props(type, args);

    /// <summary>Makes the actor by a producer that is made with <paramref name="args"/> now.</summary>
    public static Props CreateBy<TProducer>(params object[] args) where TProducer : class, IIndirectActorProducer =>
        CreateBy((IIndirectActorProducer)Activator.CreateInstance(typeof(TProducer), args), args);

    public static Props CreateBy(IIndirectActorProducer producer, params object[] args) =>
        new(DefaultDeploy, producer, producer.ActorType, args ?? NoArguments, null);

    public Props WithMailbox(string mailbox) => With(p => p.Deploy = Deploy.WithMailbox(mailbox));

    public Props WithDispatcher(string dispatcher) => With(p => p.Deploy = Deploy.WithDispatcher(dispatcher));

    public Props WithRouter(RouterConfig routerConfig) => With(p => p.Deploy = Deploy.WithRouterConfig(routerConfig));

    public Props WithStashCapacity(int stashCapacity) => With(p => p.Deploy = Deploy.WithStashCapacity(stashCapacity));

    /// <summary>With <paramref name="deploy"/> over what these props have.</summary>
    public Props WithDeploy(Deploy deploy) => With(p => p.Deploy = deploy.WithFallback(Deploy));

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => With(p => p.SupervisorStrategy = supervisorStrategy);

    /// <summary>Makes an incarnation. Only the runtime calls it.</summary>
    public virtual ActorBase NewActor()
    {
        try
        {
            return _producer.Produce();
        }
        catch (Exception e)
        {
            var cause = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            throw new TypeLoadException($"Error while creating actor instance of type {Type} with {Arguments.Length} args: ({StringOf(Arguments)})", cause);
        }
    }

    public ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public bool Equals(Props other) => other is not null && (ReferenceEquals(this, other)
        || (Deploy.Equals(other.Deploy) && Equals(SupervisorStrategy, other.SupervisorStrategy) && Type == other.Type
            && Arguments.SequenceEqual(other.Arguments)));

    public override bool Equals(object obj) => obj is Props other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, Arguments.Length, Deploy.Dispatcher, Deploy.Mailbox);

    protected virtual Props Copy() => new(this);

    internal void Release(ActorBase actor) => _producer.Release(actor);

    private static IIndirectActorProducer ProducerFor(Type type, object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (typeof(IIndirectActorProducer).IsAssignableFrom(type))
            return (IIndirectActorProducer)Activator.CreateInstance(type, args);
        if (typeof(ActorBase).IsAssignableFrom(type))
            return new ActivatorProducer(type, args ?? NoArguments);
        throw new ArgumentException($"Props needs the type of an actor or of an IIndirectActorProducer, and {type} is neither.", nameof(type));
    }

    private static string StringOf(object[] arguments) => string.Join(", ", arguments.Select(a => a?.ToString() ?? "null"));

    private Props With(Action<Props> change)
    {
        var copy = Copy();
        change(copy);
        return copy;
    }

    private sealed class EmptyActor : ActorBase
    {
        protected override bool Receive(object message) => true;
    }
}

/// <summary>Props that make no actor.</summary>
public class TerminatedProps : Props
{
    public override ActorBase NewActor() => throw new InvalidOperationException("This actor has been terminated");
}

/// <summary>Makes an actor's incarnations.</summary>
public interface IIndirectActorProducer
{
    Type ActorType { get; }

    ActorBase Produce();

    /// <summary>Takes back an incarnation that has ended.</summary>
    void Release(ActorBase actor);
}
