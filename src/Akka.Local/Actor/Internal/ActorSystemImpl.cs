#nullable disable
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor.Internal;

/// <summary>The one kind of actor system.</summary>
public class ActorSystemImpl : ExtendedActorSystem
{
    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();
    private readonly Stack<Action> _onTermination = new();
    private readonly TaskCompletionSource _whenTerminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private readonly Settings _settings;
    private readonly EventStream _eventStream;
    private readonly ILoggingAdapter _log;
    private readonly IScheduler _scheduler;
    private readonly LocalActorRefProvider _provider;
    private readonly Mailboxes _mailboxes;
    private readonly Dispatchers _dispatchers;
    private IActorRef _logDeadLetterListener;
    private int _loggersStopped;
    private bool _terminationRan;

    public ActorSystemImpl(string name) : this(name, Config.Empty, ActorSystemSetup.Empty) { }

    public ActorSystemImpl(string name, Config config, ActorSystemSetup setup, Option<Props>? guardianProps = null)
    {
        if (guardianProps is { HasValue: true })
            throw new NotSupportedException("Guardian props are not supported: give the guardian's children as actors.");
        CheckName(name);
        ArgumentNullException.ThrowIfNull(config);
        _name = name;
        _settings = new Settings(this, config, setup);
        _eventStream = new EventStream(_settings.DebugEventStream);
        _eventStream.StartStdoutLogger(_settings);
        _log = new BusLogging(_eventStream, $"ActorSystem({name})", typeof(ActorSystem), _settings.LogFormatter);
        _scheduler = MakeScheduler();
        _provider = new LocalActorRefProvider(name, _settings, _eventStream);
        _mailboxes = new Mailboxes(this);
        _dispatchers = new Dispatchers(this, new DefaultDispatcherPrerequisites(_eventStream, _scheduler, _settings, _mailboxes), _log);
    }

    public override IActorRefProvider Provider => _provider;

    public override Settings Settings => _settings;

    public override string Name => _name;

    public override IActorRef DeadLetters => _provider.DeadLetters;

    public override IActorRef IgnoreRef => _provider.IgnoreRef;

    public override Dispatchers Dispatchers => _dispatchers;

    public override Mailboxes Mailboxes => _mailboxes;

    public override IScheduler Scheduler => _scheduler;

    public override EventStream EventStream => _eventStream;

    public override ILoggingAdapter Log => _log;

    public override IInternalActorRef Guardian => _provider.Guardian;

    public override IInternalActorRef LookupRoot => _provider.RootGuardian;

    public override IInternalActorRef SystemGuardian => _provider.SystemGuardian;

    public override Task WhenTerminated => _whenTerminated.Task;

    public Option<Props> GuardianProps => Option<Props>.None;

    internal bool Aborting { get; private set; }

    /// <summary>Starts the guardians, loggers and the extensions of <c>akka.extensions</c>.</summary>
    public void Start()
    {
        try
        {
            _provider.Init(this);
            _provider.TerminationTask.ContinueWith(_ => OnAllStopped(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (_settings.LogDeadLetters > 0)
                _logDeadLetterListener = SystemActorOf<DeadLetterListener>("deadLetterListener");
            _eventStream.StartUnsubscriber(this);
            StartLoggers();
            LoadExtensions();
            if (_settings.LogConfigOnStart)
                _log.Info(_settings.ToString());
        }
        catch
        {
            FinalTerminate();
            throw;
        }
    }

    public override IActorRef ActorOf(Props props, string name = null) => _provider.Guardian.Cell.AttachChild(props, isSystemService: false, name);

    public override IActorRef SystemActorOf(Props props, string name = null) => _provider.SystemGuardian.Cell.AttachChild(props, isSystemService: true, name);

    public override IActorRef SystemActorOf<TActor>(string name = null) => SystemActorOf(Props.Create<TActor>(), name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, this);

    public override ActorSelection ActorSelection(string actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, this, _provider.RootGuardian);

    public override void Stop(IActorRef actor)
    {
        var parent = actor.Path.Parent;
        if (parent.Equals(Guardian.Path))
            Guardian.Tell(new Dispatch.SysMsg.StopChild(actor));
        else if (parent.Equals(SystemGuardian.Path))
            SystemGuardian.Tell(new Dispatch.SysMsg.StopChild(actor));
        else
            ((IInternalActorRef)actor).Stop();
    }

    public override Task Terminate()
    {
        if (_settings.CoordinatedShutdownRunByActorSystemTerminate && _provider.Guardian is not null)
            CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        else
            FinalTerminate();
        return WhenTerminated;
    }

    public override void Abort()
    {
        Aborting = true;
        FinalTerminate();
    }

    public override void RegisterOnTermination(Action code)
    {
        lock (_onTermination)
        {
            if (!_terminationRan)
            {
                _onTermination.Push(code);
                return;
            }
        }

        throw new InvalidOperationException("The system has terminated: nothing can be registered for its end any more.");
    }

    public override object RegisterExtension(IExtensionId extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        var made = _extensions.GetOrAdd(extension.ExtensionType, static (_, state) =>
            new Lazy<object>(() => state.extension.CreateExtension(state.system), LazyThreadSafetyMode.ExecutionAndPublication), (extension, system: this));
        return made.Value;
    }

    public override object GetExtension(IExtensionId extensionId)
    {
        TryGetExtension(extensionId.ExtensionType, out var extension);
        return extension ?? throw new InvalidOperationException($"The extension {extensionId.ExtensionType} is not registered: call Apply on its id, or RegisterExtension on the system, first.");
    }

    public override T GetExtension<T>()
    {
        TryGetExtension<T>(out var extension);
        return extension;
    }

    public override bool HasExtension(Type type) => typeof(IExtension).IsAssignableFrom(type) && _extensions.ContainsKey(type);

    public override bool HasExtension<T>() => _extensions.ContainsKey(typeof(T));

    public override bool TryGetExtension(Type extensionType, out object extension)
    {
        extension = _extensions.TryGetValue(extensionType, out var lazy) ? lazy.Value : null;
        return extension is not null;
    }

    public override bool TryGetExtension<T>(out T extension)
    {
        extension = TryGetExtension(typeof(T), out var found) ? (T)found : null;
        return extension is not null;
    }

    public override string PrintTree()
    {
        var text = new StringBuilder();
        Print(text, _provider.RootGuardian, "");
        return text.ToString();
    }

    public override string ToString() => _provider.RootPath.Address.ToString();

    /// <summary>Stops every actor, without the coordinated shutdown.</summary>
    internal void FinalTerminate()
    {
        if (!_settings.LogDeadLettersDuringShutdown && _logDeadLetterListener is not null)
            Stop(_logDeadLetterListener);
        if (_provider.Guardian is { } guardian)
            guardian.Stop();
        else
            OnAllStopped();
    }

    internal void StopLoggers()
    {
        if (Interlocked.Exchange(ref _loggersStopped, 1) == 0)
            _eventStream.StopDefaultLoggers(this);
    }

    private static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException(
                $"invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-' or '_')", nameof(name));
        }
    }

    private static void Print(StringBuilder text, IActorRef actor, string indent)
    {
        var cell = (actor as LocalActorRef)?.Cell;
        text.Append(indent).Append("-> ").Append(actor.Path.Name.Length == 0 ? "/" : actor.Path.Name)
            .Append(' ').Append(cell?.ActorType.Name ?? actor.GetType().Name).Append('\n');
        if (actor is ActorRefWithCell withCell)
        {
            foreach (var child in withCell.Children)
                Print(text, child, indent + "   ");
        }
    }

    private IScheduler MakeScheduler()
    {
        var type = TypeResolver.Find(_settings.SchedulerClass)
            ?? throw new ConfigurationException($"akka.scheduler.implementation is '{_settings.SchedulerClass}', which cannot be found. Name an IScheduler with its assembly.");
        try
        {
            return (IScheduler)Activator.CreateInstance(type, _settings.Config.GetConfig("akka.scheduler"), _log);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    /// <summary>
    /// A system is made by a synchronous call, as in Akka, and its loggers must be there when the call returns. They are waited for on a thread that runs no actor.
    /// </summary>
    private void StartLoggers()
    {
        var started = Task.Run(() => _eventStream.StartDefaultLoggersAsync(this));
        if (!_settings.LoggerAsyncStart)
            started.GetAwaiter().GetResult();
    }

    private void LoadExtensions()
    {
        foreach (var name in _settings.Config.GetStringList("akka.extensions"))
        {
            var type = TypeResolver.Find(name);
            if (type is null || !typeof(IExtensionId).IsAssignableFrom(type))
                throw new ConfigurationException($"akka.extensions names '{name}', which {(type is null ? "cannot be found" : "is no IExtensionId")}.");
            RegisterExtension((IExtensionId)Activator.CreateInstance(type));
        }
    }

    private void OnAllStopped()
    {
        StopLoggers();
        while (true)
        {
            Action code;
            lock (_onTermination)
            {
                if (_onTermination.Count == 0)
                {
                    _terminationRan = true;
                    break;
                }

                code = _onTermination.Pop();
            }

            try
            {
                code();
            }
            catch (Exception e)
            {
                _log.Error(e, "An action registered for the system's end threw: {0}", e.Message);
            }
        }

        (_scheduler as IDisposable)?.Dispose();
        _dispatchers.ShutdownAll();
        if (_provider.CauseOfTermination is { } cause)
            _whenTerminated.TrySetException(cause);
        else
            _whenTerminated.TrySetResult();
    }
}
