using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace ActorKube.Actors;

/// <summary>Keeps one cache current: runs the list+watch stream into the cache's actor, and runs a new one where it breaks. The cache outlives it.</summary>
sealed class ReflectorActor : UntypedActor, IWithTimers
{
    /// <summary>How many events go to a busy cache at once. Three times as many are under way at most: with the cache, behind it and before that; beyond that nothing more is read from the socket.</summary>
    const int MaxEventsTogether = 32;

    readonly CacheSpec _spec;
    readonly Func<CacheSpec, IListWatch> _listWatch;
    readonly KubernetesOptions _options;
    readonly ListAndWatchSettings _settings;
    readonly CacheBook _book;
    readonly ReflectorMonitor _monitor;
    readonly CancellationTokenSource _stopped = new();
    ActorMaterializer? _materializer;

    public ReflectorActor(CacheSpec spec, Func<CacheSpec, IListWatch> listWatch, KubernetesOptions options, CacheBook book, ReflectorMonitor monitor)
    {
        _spec = spec;
        _listWatch = listWatch;
        _options = options;
        _settings = options.SettingsOf(spec);
        _book = book;
        _monitor = monitor;
    }

    /// <summary>The cache was told something that shows that the server answers.</summary>
    public sealed record Progress
    {
        public static readonly Progress Instance = new();
    }

    sealed record CheckConsistency;

    sealed record Checked(ConsistencyReport Report);

    sealed record Begin
    {
        public static readonly Begin Stream = new();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    IActorRef Cache => Context.Child("cache");

    public static Props Props(CacheSpec spec, Func<CacheSpec, IListWatch> listWatch, KubernetesOptions options, CacheBook book, ReflectorMonitor monitor) =>
        Akka.Actor.Props.Create(() => new ReflectorActor(spec, listWatch, options, book, monitor));

    protected override void PreStart()
    {
        Context.ActorOf(CacheActor.Props(_book, _options.MinResync), "cache");
        BeginStream();
        StartChecking();
    }

    void StartChecking()
    {
        if (_options.ConsistencyCheck is { } every)
            Timers.StartSingleTimer(nameof(CheckConsistency), new CheckConsistency(), every);
    }

    // The cache is not stopped: readers and subscribers do not notice a restart.
    protected override void PreRestart(Exception reason, object message) => EndStream();

    protected override void PostRestart(Exception reason)
    {
        _monitor.Crashed(reason, _options.ReflectorRestartPause);
        Timers.StartSingleTimer(nameof(Begin), Begin.Stream, _options.ReflectorRestartPause);
        StartChecking();
    }

    protected override void PostStop()
    {
        EndStream();
        _stopped.Cancel();
        _monitor.Stopped();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ObjectCache.Subscribe or ObjectCache.Unsubscribe or ObjectCache.Taken or ObjectCache.AddIndex or ObjectCache.WhenSeen:
                Cache.Forward(message);
                break;
            case Progress:
                _monitor.Progressed(_book.Store.Live);
                break;
            case ReflectorEvent.Troubled told:
                _monitor.Troubled(told.Trouble);
                break;
            case CacheActor.StreamEnded ended:
                throw new ReflectorStoppedException($"The list+watch stream of {_spec} ended, which it never should.", ended.Error);
            case Begin:
                BeginStream();
                break;
            case CheckConsistency:
                ConsistencyReport.MakeAsync(_listWatch(_spec), _book.Store.Current, _settings, _stopped.Token).PipeTo(Self, success: static report => new Checked(report));
                break;
            case Checked { Report: var report }:
                OnChecked(report);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // A cache with faults in its own code goes on with the next message: its content was published whole or not at all, and what was begun is undone.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Resume);

    void BeginStream()
    {
        _materializer = Context.Materializer();
        var settings = _settings with { StartVersion = _book.Store.Live.HasSynced ? _book.Store.Live.ResourceVersion : "" };
        KubeSource.ListAndWatch(_listWatch(_spec), settings, new SchedulerTimeProvider(Context.System.Scheduler))
            // Events that come while the cache is busy go to it together: one message, one new content for all of them.
            .Batch(MaxEventsTogether, static first => new CacheActor.Told([first]), static (told, next) =>
            {
                told.Events.Add(next);
                return told;
            })
            .To(Sink.ActorRefWithAck<CacheActor.Told>(Cache, new CacheActor.StreamBegan(), CacheActor.Next.Events, new CacheActor.StreamEnded(null), static error => new CacheActor.StreamEnded(error))
                .WithAttributes(Attributes.CreateInputBuffer(1, 1)))
            .Run(_materializer);
    }

    void OnChecked(ConsistencyReport report)
    {
        StartChecking();
        _monitor.Checked(report);
        if (report.IsConsistent)
            return;
        EndStream();
        BeginStream();
    }

    void EndStream()
    {
        _materializer?.Shutdown();
        _materializer = null;
    }
}

/// <summary>A list+watch stream ended although it never should: a fault of this program.</summary>
sealed class ReflectorStoppedException(string message, Exception? cause) : Exception(message, cause);
