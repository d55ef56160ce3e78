using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Util;

namespace Akka.TestKit;

/// <summary>A test actor with a queue and expectations of its own, which can be used wherever a ref is asked for.</summary>
public class TestProbe : TestKitBase, INoImplicitSender, IInternalActorRef
{
    /// <param name="system">The system it lives in.</param>
    /// <param name="assertions">How the test framework is told of failures.</param>
    /// <param name="testProbeName">Its name; null for one of the kit's choice.</param>
    public TestProbe(ActorSystem system, ITestKitAssertions assertions, string? testProbeName = null)
        : base(assertions, system, testProbeName)
    {
    }

    /// <summary>The probe's actor.</summary>
    public IActorRef Ref => TestActor;

    /// <summary>Who sent the last message that an expectation took.</summary>
    public IActorRef Sender => LastSender;

    ActorPath IActorRef.Path => TestActor.Path;

    bool IActorRefScope.IsLocal => Actual.IsLocal;

    IInternalActorRef IInternalActorRef.Parent => Actual.Parent;

    IActorRefProvider IInternalActorRef.Provider => Actual.Provider;

#pragma warning disable CS0618 // the interface has it, so this must too
    bool IInternalActorRef.IsTerminated => Actual.IsTerminated;
#pragma warning restore CS0618

    IInternalActorRef Actual => (IInternalActorRef)TestActor;

    /// <summary>Sends a message from the probe.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    /// <summary>Sends the last message on, from whom it came.</summary>
    public void Forward(IActorRef actor) => Forward(actor, LastMessage!);

    /// <summary>Sends a message as if from the last message's sender.</summary>
    public void Forward(IActorRef actor, object message) => actor.Tell(message, Sender);

    /// <summary>Sends a message from the probe to the last message's sender.</summary>
    public void Reply(object message) => Sender.Tell(message, TestActor);

    /// <summary>A probe makes no probes: the kit does.</summary>
    [Obsolete("Cannot create a TestProbe from a TestProbe", true)]
#pragma warning disable CS0809 // as in the official API: the kit's method is fine, a probe's is not
    public override TestProbe CreateTestProbe(string? name = null) =>
        throw new NotSupportedException("A probe makes no probes; call CreateTestProbe of the test's kit.");
#pragma warning restore CS0809

    /// <summary>Starts a child of the probe's actor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="supervisorStrategy">Who decides about its faults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IActorRef ChildActorOf<T>(string name, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOf(Props.Create<T>(), name, supervisorStrategy, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf<T>(SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOf(Props.Create<T>(), supervisorStrategy, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf<T>(string name, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOf(Props.Create<T>(), name, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public IActorRef ChildActorOf<T>(CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOf(Props.Create<T>(), cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync<T>(string name, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOfAsync(Props.Create<T>(), name, supervisorStrategy, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync<T>(SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOfAsync(Props.Create<T>(), supervisorStrategy, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync<T>(string name, CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOfAsync(Props.Create<T>(), name, cancellationToken);

    /// <inheritdoc cref="ChildActorOf{T}(string, SupervisorStrategy, CancellationToken)" />
    public Task<IActorRef> ChildActorOfAsync<T>(CancellationToken cancellationToken = default)
        where T : ActorBase => ChildActorOfAsync(Props.Create<T>(), cancellationToken);

    /// <inheritdoc />
    public void SendSystemMessage(ISystemMessage message) => Actual.SendSystemMessage(message);

    /// <summary>The sender of a system message carries no meaning.</summary>
    public void SendSystemMessage(ISystemMessage message, IActorRef sender) => Actual.SendSystemMessage(message);

    void ICanTell.Tell(object message, IActorRef sender) => TestActor.Tell(message, sender);

    ISurrogate ISurrogated.ToSurrogate(ActorSystem system) => TestActor.ToSurrogate(system);

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => Actual.GetChild(name);

    void IInternalActorRef.Resume(Exception causedByFailure) => Actual.Resume(causedByFailure);

    void IInternalActorRef.Start() => Actual.Start();

    void IInternalActorRef.Stop() => Actual.Stop();

    void IInternalActorRef.Restart(Exception cause) => Actual.Restart(cause);

    void IInternalActorRef.Suspend() => Actual.Suspend();

    /// <inheritdoc />
    public int CompareTo(object? obj) => TestActor.CompareTo(obj);

    int IComparable<IActorRef>.CompareTo(IActorRef? other) => TestActor.CompareTo(other);

    /// <inheritdoc />
    public override bool Equals(object? obj) => TestActor.Equals(obj);

    bool IEquatable<IActorRef>.Equals(IActorRef? other) => TestActor.Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => TestActor.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => $"TestProbe({TestActor})";
}
