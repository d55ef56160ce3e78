#nullable disable
using Akka.Actor.Internal;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// A tree of actors with its dispatchers, scheduler, event stream and extensions. Disposing it ends it as <see cref="Terminate"/> does.
/// </summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    private readonly long _startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly TimeSpan _startTime = TimeSpan.FromTicks(DateTime.UtcNow.Ticks);

    protected ActorSystem() { }

    public abstract IActorRef IgnoreRef { get; }

    public abstract Settings Settings { get; }

    public abstract string Name { get; }

    public abstract IActorRef DeadLetters { get; }

    public abstract Dispatchers Dispatchers { get; }

    public abstract Mailboxes Mailboxes { get; }

    public abstract IScheduler Scheduler { get; }

    public abstract EventStream EventStream { get; }

    public abstract ILoggingAdapter Log { get; }

    /// <summary>Ends when every actor has stopped and all that was registered for the end has run.</summary>
    public abstract Task WhenTerminated { get; }

    public TimeSpan StartTime => _startTime;

    public TimeSpan Uptime => System.Diagnostics.Stopwatch.GetElapsedTime(_startedAt);

    /// <param name="name">Letters, digits, - and _; it starts with a letter or digit.</param>
    public static ActorSystem Create(string name) => Create(name, ActorSystemSetup.Empty);

    /// <exception cref="ConfigurationException">The configuration has a setting below <c>akka</c> that this runtime does not honour.</exception>
    public static ActorSystem Create(string name, Config config) => Create(name, BootstrapSetup.Create().WithConfig(config));

    public static ActorSystem Create(string name, BootstrapSetup setup) => Create(name, ActorSystemSetup.Create(setup));

    public static ActorSystem Create(string name, ActorSystemSetup setup)
    {
        var bootstrap = setup.Get<BootstrapSetup>();
        var config = bootstrap.HasValue && bootstrap.Value.Config.HasValue ? bootstrap.Value.Config.Value : Config.Empty;
        var system = new ActorSystemImpl(name, config, setup);
        system.Start();
        return system;
    }

    public abstract object RegisterExtension(IExtensionId extension);

    public abstract object GetExtension(IExtensionId extensionId);

    public abstract T GetExtension<T>() where T : class, IExtension;

    public abstract bool HasExtension(Type type);

    public abstract bool HasExtension<T>() where T : class, IExtension;

    public abstract bool TryGetExtension(Type extensionType, out object extension);

    public abstract bool TryGetExtension<T>(out T extension) where T : class, IExtension;

    /// <summary>Runs <paramref name="code"/> when every actor has stopped, the last registered first.</summary>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>Ends the system: runs the coordinated shutdown, which stops every actor.</summary>
    /// <returns>A task that ends with the system.</returns>
    public abstract Task Terminate();

    public abstract void Stop(IActorRef actor);

    public abstract IActorRef ActorOf(Props props, string name = null);

    public abstract ActorSelection ActorSelection(ActorPath actorPath);

    public abstract ActorSelection ActorSelection(string actorPath);

    public void Dispose()
    {
        Terminate();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What extensions and the runtime's other parts see of a system.</summary>
public abstract class ExtendedActorSystem : ActorSystem
{
    protected ExtendedActorSystem() { }

    public abstract IActorRefProvider Provider { get; }

    public abstract IInternalActorRef Guardian { get; }

    public abstract IInternalActorRef LookupRoot { get; }

    public abstract IInternalActorRef SystemGuardian { get; }

    /// <summary>Starts an actor below <c>/system</c>: it stops after the user's.</summary>
    public abstract IActorRef SystemActorOf(Props props, string name = null);

    public abstract IActorRef SystemActorOf<TActor>(string name = null) where TActor : ActorBase, new();

    /// <summary>Ends the system without the coordinated shutdown.</summary>
    public abstract void Abort();

    /// <summary>The tree of actors as text.</summary>
    public abstract string PrintTree();
}
