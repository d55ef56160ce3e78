using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>The top of the runtime's tree, <c>/user/actorkube</c>: decides what a fault of the parts below means.</summary>
sealed class GuardianActor : UntypedActor
{
    readonly IKubernetesClient _client;
    readonly KubernetesOptions _options;
    readonly RuntimeHealth _health;
    readonly ILoggerFactory _loggers;
    readonly ILogger _logger;
    IActorRef _reflectors = ActorRefs.Nobody;
    IActorRef _controllers = ActorRefs.Nobody;
    IActorRef _leader = ActorRefs.Nobody;
    readonly TaskCompletionSource<IEventRecorder> _recorder;
    int _informers;

    public GuardianActor(IKubernetesClient client, KubernetesOptions options, RuntimeHealth health, ILoggerFactory loggers, TaskCompletionSource<IEventRecorder> recorder)
    {
        _recorder = recorder;
        _client = client;
        _options = options;
        _health = health;
        _loggers = loggers;
        _logger = loggers.CreateLogger("ActorKube.Runtime");
    }

    /// <summary>Lets reconciles finish, gives leadership back, and answers with <see cref="ControllersActor.AllDrained"/>.</summary>
    public sealed record Shutdown(TimeSpan Bound);

    /// <summary>Makes an informer's actor. Answered with <see cref="InformerMade"/>.</summary>
    public sealed record MakeInformer(string Name);

    /// <summary>The informer's actor.</summary>
    public sealed record InformerMade(IActorRef Informer);

    public static Props Props(IKubernetesClient client, KubernetesOptions options, RuntimeHealth health, ILoggerFactory loggers, TaskCompletionSource<IEventRecorder> recorder) =>
        Akka.Actor.Props.Create(() => new GuardianActor(client, options, health, loggers, recorder));

    protected override void PreStart()
    {
        var time = _options.Time ?? new SchedulerTimeProvider(Context.System.Scheduler);
        _reflectors = Context.ActorOf(ReflectorsActor.Props(spec => new MeteredListWatch(ListWatchOf(_client, spec), spec, _health, time), _options, _health, _loggers), "reflectors");
        var intake = new EventIntake(_options.Events.QueueLimit);
        var events = Context.ActorOf(EventSinkActor.Props(_client, _options.Component, _options.Events, intake, _loggers.CreateLogger("ActorKube.Events"), time), "events");
        var recorder = new EventRecorder(events, time, intake);
        _recorder.TrySetResult(recorder);
        _controllers = Context.ActorOf(
            ControllersActor.Props(
                new ControllerServices(_reflectors, _health),
                spec => new RunFactory(spec, _client, recorder, _loggers, time, _options.Observers),
                _logger,
                leads: _options.LeaderElection is null),
            "controllers");
        if (_options.LeaderElection is { } election)
            _leader = Context.ActorOf(LeaderActor.Props(_client, election, _controllers, _loggers.CreateLogger("ActorKube.LeaderElection"), time), "leader");
    }

    /// <summary>Lists and watches what a cache holds.</summary>
    public static IListWatch ListWatchOf(IKubernetesClient client, CacheSpec spec) => spec.MetadataOnly
        ? client.Metadata(spec.Resource, spec.Namespace).ListWatch(spec.LabelSelector, spec.FieldSelector)
        : client.ListWatch(spec.Resource, spec.Namespace, spec.LabelSelector, spec.FieldSelector);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        // State that must survive a fault lives in these actors; each message is handled whole or not at all.
        _logger.LogError(error, "A fault in the runtime's own code; it goes on with the next message");
        return Directive.Resume;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReflectorsActor.Acquire or ReflectorsActor.Release or ReflectorsActor.WhichCaches:
                _reflectors.Forward(message);
                break;
            case MakeInformer make:
                Sender.Tell(new InformerMade(Context.ActorOf(
                    InformerActor.Props(_loggers.CreateLogger("ActorKube.Informer"), _options.HandlerFaultPause), $"informer-{Uri.EscapeDataString(make.Name)}-{++_informers}")));
                break;
            case ControllersActor.Add or ControllersActor.Remove or ControllersActor.To:
                _controllers.Forward(message);
                break;
            case Shutdown shutdown:
                _controllers.Forward(new ControllersActor.DrainAll(shutdown.Bound));
                break;
            case LeaderActor.Resign:
                if (_leader.IsNobody())
                    Sender.Tell(new LeaderActor.Resigned());
                else
                    _leader.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
