#nullable disable
using System.Collections.Concurrent;
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Routing;

namespace Akka.Actor;

/// <summary>Makes and finds references.</summary>
public interface IActorRefProvider
{
    IInternalActorRef RootGuardian { get; }

    LocalActorRef Guardian { get; }

    LocalActorRef SystemGuardian { get; }

    IActorRef DeadLetters { get; }

    IActorRef IgnoreRef { get; }

    ActorPath RootPath { get; }

    Settings Settings { get; }

    /// <summary>Ends when every actor has stopped.</summary>
    Task TerminationTask { get; }

    IInternalActorRef TempContainer { get; }

    Address DefaultAddress { get; }

    IActorRef RootGuardianAt(Address address);

    void Init(ActorSystemImpl system);

    /// <summary>A fresh path for a reference that lives shortly.</summary>
    ActorPath TempPath();

    void RegisterTempActor(IInternalActorRef actorRef, ActorPath path);

    void UnregisterTempActor(ActorPath path);

    FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs);

    /// <summary>The living actor at a path, or a reference to nobody there.</summary>
    IActorRef ResolveActorRef(string path);

    IActorRef ResolveActorRef(ActorPath actorPath);

    Address GetExternalAddressFor(Address address);

    /// <summary>Makes an actor's reference, not started yet.</summary>
    internal IInternalActorRef ActorOf(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService);
}

/// <summary>The provider of a system of one process.</summary>
public sealed class LocalActorRefProvider : IActorRefProvider
{
    private readonly EventStream _eventStream;
    private readonly ActorPath _rootPath;
    private readonly TempActors _temp;
    private readonly Dictionary<string, Deploy> _deployments;
    private readonly TaskCompletionSource<Status> _termination = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, IInternalActorRef> _extraNames = [];
    private ActorSystemImpl _system;
    private RootGuardianRef _rootGuardian;

    public LocalActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        _eventStream = eventStream;
        Settings = settings;
        _rootPath = new RootActorPath(new Address("akka", systemName));
        DeadLetters = new DeadLetterActorRef(this, _rootPath / "deadLetters", eventStream);
        IgnoreRef = new IgnoreActorRef(this);
        _temp = new TempActors(this, _rootPath / "temp");
        _deployments = Deployments.Read(settings.Config);
    }

    public IActorRef DeadLetters { get; }

    public IActorRef IgnoreRef { get; }

    public ActorPath RootPath => _rootPath;

    public Settings Settings { get; }

    public EventStream EventStream => _eventStream;

    public IInternalActorRef RootGuardian => _rootGuardian;

    public LocalActorRef Guardian { get; private set; }

    public LocalActorRef SystemGuardian { get; private set; }

    public IInternalActorRef TempContainer => _temp;

    public Task TerminationTask => _termination.Task;

    public Address DefaultAddress => _rootPath.Address;

    /// <summary>Why the system ended, where a failure ended it.</summary>
    internal Exception CauseOfTermination { get; private set; }

    public IActorRef RootGuardianAt(Address address) => address.Equals(DefaultAddress) ? RootGuardian : DeadLetters;

    public Address GetExternalAddressFor(Address address) => address.Equals(DefaultAddress) ? address : null;

    public void Init(ActorSystemImpl system)
    {
        _system = system;
        var dispatcher = system.Dispatchers.Lookup(Dispatchers.InternalDispatcherId);
        var mailbox = new UnboundedMailbox();
        var top = new TopSupervisor(this, _rootPath / "bubble-walker");
        var rootProps = Props.Create(() => new RootActor()).WithSupervisorStrategy(new OneForOneStrategy(RootDecider, loggingEnabled: false));
        _rootGuardian = new RootGuardianRef(system, rootProps, dispatcher, mailbox, top, _rootPath, this);
        _rootGuardian.Start();

        var guardianStrategy = SupervisorStrategyConfigurator.CreateConfigurator(Settings.SupervisorStrategyClass).Create();
        Guardian = Top(Props.Create(() => new GuardianActor()).WithSupervisorStrategy(guardianStrategy), "user", dispatcher, mailbox);
        SystemGuardian = Top(Props.Create(() => new SystemGuardianActor(Guardian)).WithSupervisorStrategy(SystemStrategy()), "system", dispatcher, mailbox);
        _rootGuardian.Tell(new RootActor.EndWith(SystemGuardian), ActorRefs.NoSender);
    }

    public ActorPath TempPath() => _temp.NextPath();

    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path)
    {
        if (!path.Parent.Equals(_temp.Path))
            throw new InvalidOperationException($"Cannot RegisterTempActor() with anything not obtained from tempPath(): {path}");
        _temp.Add(path.Name, actorRef);
    }

    public void UnregisterTempActor(ActorPath path) => _temp.Remove(path.Name);

    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs) => new(tcs, TempPath(), this);

    public IActorRef ResolveActorRef(string path) => ActorPath.TryParse(path, out var parsed) ? ResolveActorRef(parsed) : DeadLetters;

    public IActorRef ResolveActorRef(ActorPath path)
    {
        if (!path.Address.Equals(DefaultAddress))
            return DeadLetters;
        if (path.Equals(DeadLetters.Path))
            return DeadLetters;
        var found = _rootGuardian.GetChild(path.Elements);
        return found.IsNobody() || (path.Uid != ActorCell.UndefinedUid && found.Path.Uid != path.Uid)
            ? new EmptyLocalActorRef(this, path, _eventStream)
            : found;
    }

    /// <summary>Makes a name below the root resolve to <paramref name="actor"/>.</summary>
    public void RegisterExtraName(string name, IInternalActorRef actor)
    {
        lock (_extraNames)
            _extraNames.Add(name, actor);
    }

    IInternalActorRef IActorRefProvider.ActorOf(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService)
    {
        if (_deployments.Count > 0 && !systemService && Deployments.Find(_deployments, path) is { } deploy)
            props = props.WithDeploy(deploy.WithFallback(props.Deploy));
        if (!ReferenceEquals(props.Deploy.RouterConfig, NoRouter.Instance))
            return RoutedActors.Make(system, props, supervisor, path);
        try
        {
            var dispatcher = system.Dispatchers.Lookup(props.Dispatcher);
            var mailbox = system.Mailboxes.GetMailboxType(props, dispatcher.Configurator.Config);
            return new LocalActorRef(system, props, dispatcher, mailbox, supervisor, path);
        }
        catch (Exception e) when (e is not Configuration.ConfigurationException)
        {
            throw new Configuration.ConfigurationException($"Configuration problem while creating [{path}] with dispatcher [{props.Dispatcher}] and mailbox [{props.Mailbox}]: {e.Message}", e);
        }
    }

    internal IInternalActorRef ExtraName(string name)
    {
        lock (_extraNames)
            return _extraNames.GetValueOrDefault(name);
    }

    private static Directive RootDecider(Exception cause)
    {
        _ = cause;
        return Directive.Stop;
    }

    private SupervisorStrategy SystemStrategy() => new OneForOneStrategy(cause =>
    {
        if (cause is ActorInitializationException or ActorKilledException or DeathPactException)
            return Directive.Stop;
        _system.Log.Error(cause, "An actor of the system itself failed.");
        return Directive.Stop;
    });

    private LocalActorRef Top(Props props, string name, MessageDispatcher dispatcher, MailboxType mailbox)
    {
        var cell = _rootGuardian.Cell;
        cell.ReserveChild(name);
        var reference = new LocalActorRef(_system, props, dispatcher, mailbox, _rootGuardian, new ChildActorPath(_rootPath, name, ActorCell.NewUid()));
        cell.AddChild(reference);
        reference.Start();
        return reference;
    }

    /// <summary>The root of the tree: besides its children it knows the names that are no actors.</summary>
    private sealed class RootGuardianRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, MailboxType mailbox, IInternalActorRef supervisor, ActorPath path, LocalActorRefProvider provider)
        : LocalActorRef(system, props, dispatcher, mailbox, supervisor, path)
    {
        public override IInternalActorRef Parent => this;

        public override IInternalActorRef GetSingleChild(string name) => name switch
        {
            "temp" => provider._temp,
            "deadLetters" => (IInternalActorRef)provider.DeadLetters,
            _ => provider.ExtraName(name) ?? base.GetSingleChild(name),
        };
    }

    /// <summary>The actor at the root: it stops with the system guardian.</summary>
    private sealed class RootActor : ActorBase
    {
        public sealed record EndWith(IActorRef Actor);

        protected override bool Receive(object message)
        {
            switch (message)
            {
                case EndWith end:
                    Context.Watch(end.Actor);
                    return true;
                case Terminated:
                    Context.Stop(Self);
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>What the root guardian has for a parent: it ends the system's task.</summary>
    private sealed class TopSupervisor(LocalActorRefProvider provider, ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => provider;

        public override void SendSystemMessage(ISystemMessage message)
        {
            switch (message)
            {
                case Failed failed:
                    provider.CauseOfTermination = failed.Cause;
                    provider._system.Log.Error(failed.Cause, "guardian {0} failed, shutting down!", failed.Child);
                    ((IInternalActorRef)failed.Child).Stop();
                    break;
                case DeathWatchNotification:
                    provider._termination.TrySetResult(new Status.Success(null));
                    break;
            }
        }
    }

    /// <summary>The references that live below <c>/temp</c>: asks under way.</summary>
    private sealed class TempActors(LocalActorRefProvider provider, ActorPath path) : MinimalActorRef
    {
        private readonly ConcurrentDictionary<string, IInternalActorRef> _actors = new();
        private long _number;

        public override ActorPath Path => path;

        public override IActorRefProvider Provider => provider;

        public override IInternalActorRef Parent => provider.RootGuardian;

        public ActorPath NextPath() => new ChildActorPath(path, Util.TempNames.For(Interlocked.Increment(ref _number)), ActorCell.UndefinedUid);

        public void Add(string name, IInternalActorRef actor) => _actors[name] = actor;

        public void Remove(string name) => _actors.TryRemove(name, out _);

        public override IActorRef GetChild(IReadOnlyList<string> name)
        {
            if (name.Count == 0)
                return this;
            if (name[0].Length == 0)
                return GetChild(name.Skip(1).ToArray());
            return name.Count == 1 && _actors.TryGetValue(name[0], out var actor) ? actor : ActorRefs.Nobody;
        }
    }
}

/// <summary>The top of the user's actors. It lives as long as its system.</summary>
public class GuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated:
                Context.Stop(Self);
                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    protected override void PreStart() { }
}

/// <summary>The top of the system's own actors. It stops when the user's have stopped.</summary>
public class SystemGuardianActor : ActorBase
{
    private readonly IActorRef _userGuardian;
    private readonly HashSet<IActorRef> _hooks = [];
    private bool _terminating;

    public SystemGuardianActor(IActorRef userGuardian) => _userGuardian = Context.Watch(userGuardian);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated when terminated.ActorRef.Equals(_userGuardian):
                _terminating = true;
                foreach (var hook in _hooks)
                    hook.Tell(TerminationHook.Instance);
                StopWhenDone();
                return true;
            case Terminated terminated:
                _hooks.Remove(terminated.ActorRef);
                if (_terminating)
                    StopWhenDone();
                return true;
            case TerminationHookDone:
                _hooks.Remove(Sender);
                if (_terminating)
                    StopWhenDone();
                return true;
            case RegisterTerminationHook:
                if (!ReferenceEquals(Sender, Context.System.DeadLetters))
                {
                    _hooks.Add(Sender);
                    Context.Watch(Sender);
                }

                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    protected override void PreRestart(Exception reason, object message) { }

    private void StopWhenDone()
    {
        if (_hooks.Count > 0)
            return;
        ((ActorSystemImpl)Context.System).StopLoggers();
        Context.Stop(Self);
    }
}
