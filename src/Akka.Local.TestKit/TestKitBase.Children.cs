using Akka.Actor;
using Akka.Util;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Starts a child of the test actor.</summary>
    /// <param name="props">What to start.</param>
    /// <param name="name">Its name.</param>
    /// <param name="supervisorStrategy">Who decides about its faults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IActorRef ChildActorOf(Props props, string name, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default) =>
        Spawn(props, name, Some(supervisorStrategy), blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf(Props props, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default) =>
        Spawn(props, Option<string>.None, Some(supervisorStrategy), blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf(Props props, string name, CancellationToken cancellationToken = default) =>
        Spawn(props, name, Option<SupervisorStrategy>.None, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf(Props props, CancellationToken cancellationToken = default) =>
        Spawn(props, Option<string>.None, Option<SupervisorStrategy>.None, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync(
        Props props,
        string name,
        SupervisorStrategy supervisorStrategy,
        CancellationToken cancellationToken = default) =>
        Spawn(props, name, Some(supervisorStrategy), blocking: false, cancellationToken).AsTask();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync(Props props, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default) =>
        Spawn(props, Option<string>.None, Some(supervisorStrategy), blocking: false, cancellationToken).AsTask();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync(Props props, string name, CancellationToken cancellationToken = default) =>
        Spawn(props, name, Option<SupervisorStrategy>.None, blocking: false, cancellationToken).AsTask();

    /// <inheritdoc cref="ChildActorOf(Props, string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync(Props props, CancellationToken cancellationToken = default) =>
        Spawn(props, Option<string>.None, Option<SupervisorStrategy>.None, blocking: false, cancellationToken).AsTask();

    static Option<SupervisorStrategy> Some(SupervisorStrategy? strategy) =>
        strategy is null ? Option<SupervisorStrategy>.None : new Option<SupervisorStrategy>(strategy);

    ValueTask<IActorRef> Spawn(
        Props props,
        Option<string> name,
        Option<SupervisorStrategy> supervisorStrategy,
        bool blocking,
        CancellationToken cancellationToken)
    {
        _testActor.Tell(new TestKit.TestActor.Spawn(props, name, supervisorStrategy), _testActor);
        return Expect<IActorRef>(null, null, null, blocking, cancellationToken);
    }
}
