using System.Linq.Expressions;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Starts an actor under the system's user guardian.</summary>
    public IActorRef ActorOf(Props props) => _system.ActorOf(props, null!);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf(Props props, string? name) => _system.ActorOf(props, name!);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), null);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(string? name)
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), name);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => ActorOf(Props.Create(factory), null);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string? name)
        where TActor : ActorBase => ActorOf(Props.Create(factory), name);

    /// <summary>Addresses actors by their path in the system under test.</summary>
    public ActorSelection ActorSelection(ActorPath actorPath) => _system.ActorSelection(actorPath);

    /// <inheritdoc cref="ActorSelection(ActorPath)" />
    public ActorSelection ActorSelection(string actorPath) => _system.ActorSelection(actorPath);

    /// <summary>Addresses actors by their path, relative to an actor.</summary>
    public ActorSelection ActorSelection(IActorRef anchorRef, string actorPath) => _system.ActorSelection(anchorRef, actorPath);

    /// <summary>Starts an actor whose instance the test may look at; see <see cref="TestActorRefBase{TActor}"/>.</summary>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, string? name = null)
        where TActor : ActorBase => new(_system, props, null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)" />
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, IActorRef supervisor, string? name = null)
        where TActor : ActorBase => new(_system, props, supervisor, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)" />
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Expression<Func<TActor>> factory, string? name = null)
        where TActor : ActorBase => new(_system, Props.Create(factory), null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)" />
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Expression<Func<TActor>> factory, IActorRef supervisor, string? name = null)
        where TActor : ActorBase => new(_system, Props.Create(factory), supervisor, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)" />
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(string? name = null)
        where TActor : ActorBase, new() => new(_system, Props.Create<TActor>(), null, name);

    /// <inheritdoc cref="ActorOfAsTestActorRef{TActor}(Props, string)" />
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(IActorRef supervisor, string? name = null)
        where TActor : ActorBase, new() => new(_system, Props.Create<TActor>(), supervisor, name);

    /// <summary>Starts a state machine which the test may look at and move.</summary>
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(
        Expression<Func<TFsmActor>> factory,
        string? name = null,
        bool withLogging = false)
        where TFsmActor : FSM<TState, TData> => new(_system, Props.Create(factory), null, name, withLogging);

    /// <inheritdoc cref="ActorOfAsTestFSMRef{TFsmActor, TState, TData}(Expression{Func{TFsmActor}}, string, bool)" />
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(
        Expression<Func<TFsmActor>> factory,
        IActorRef supervisor,
        string? name = null,
        bool withLogging = false)
        where TFsmActor : FSM<TState, TData> => new(_system, Props.Create(factory), supervisor, name, withLogging);

    /// <inheritdoc cref="ActorOfAsTestFSMRef{TFsmActor, TState, TData}(Expression{Func{TFsmActor}}, string, bool)" />
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(Props props, string? name = null, bool withLogging = false)
        where TFsmActor : FSM<TState, TData> => new(_system, props, null, name, withLogging);

    /// <inheritdoc cref="ActorOfAsTestFSMRef{TFsmActor, TState, TData}(Expression{Func{TFsmActor}}, string, bool)" />
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(
        Props props,
        IActorRef supervisor,
        string? name = null,
        bool withLogging = false)
        where TFsmActor : FSM<TState, TData> => new(_system, props, supervisor, name, withLogging);

    /// <inheritdoc cref="ActorOfAsTestFSMRef{TFsmActor, TState, TData}(Expression{Func{TFsmActor}}, string, bool)" />
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(string? name = null, bool withLogging = false)
        where TFsmActor : FSM<TState, TData>, new() => new(_system, Props.Create<TFsmActor>(), null, name, withLogging);

    /// <inheritdoc cref="ActorOfAsTestFSMRef{TFsmActor, TState, TData}(Expression{Func{TFsmActor}}, string, bool)" />
    public TestFSMRef<TFsmActor, TState, TData> ActorOfAsTestFSMRef<TFsmActor, TState, TData>(
        IActorRef supervisor,
        string? name = null,
        bool withLogging = false)
        where TFsmActor : FSM<TState, TData>, new() => new(_system, Props.Create<TFsmActor>(), supervisor, name, withLogging);
}
