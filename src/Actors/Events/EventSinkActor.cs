using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Writes events to the server, one at a time and in order; what comes faster than it can write waits in a bounded queue, and the rest is dropped.</summary>
sealed class EventSinkActor : UntypedActor, IWithTimers
{
    const int QueueLimit = 1000;
    const int Attempts = 12;
    static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    readonly IKubernetesClient _client;
    readonly string _component;
    readonly ILogger _logger;
    readonly EventCorrelator _correlator = new();
    readonly Queue<CorrelatedEvent> _queue = new();
    (CorrelatedEvent Event, int Attempt)? _writing;
    long _dropped;

    public EventSinkActor(IKubernetesClient client, string component, ILogger logger)
    {
        _client = client;
        _component = component;
        _logger = logger;
    }

    sealed record Written(Exception? Error);

    sealed record Retry;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IKubernetesClient client, string component, ILogger logger) => Akka.Actor.Props.Create(() => new EventSinkActor(client, component, logger));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EventFacts facts:
                Enqueue(facts);
                break;
            case Written written:
                OnWritten(written.Error);
                break;
            case Retry:
                Write(_writing!.Value.Event, _writing.Value.Attempt + 1);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Enqueue(EventFacts facts)
    {
        if (_correlator.Correlate(facts) is not { } told)
            return;
        if (_queue.Count >= QueueLimit)
        {
            if (_dropped++ % QueueLimit == 0)
                _logger.LogWarning("Events come faster than the server takes them: {Dropped} dropped so far", _dropped);
            return;
        }
        _queue.Enqueue(told);
        WriteNext();
    }

    void WriteNext()
    {
        if (_writing is null && _queue.TryDequeue(out var next))
            Write(next, 1);
    }

    void Write(CorrelatedEvent told, int attempt)
    {
        _writing = (told, attempt);
        WriteAsync(told).PipeTo(Self, success: static error => new Written(error));
    }

    void OnWritten(Exception? error)
    {
        var (told, attempt) = _writing!.Value;
        switch (error)
        {
            // Events expire on the server: what we count on may be gone, and is told anew.
            case KubernetesException { IsNotFound: true } when told.IsRepeat:
                Write(_correlator.Anew(told), attempt);
                return;
            case KubernetesException refused:
                if (!refused.IsAlreadyExists)
                    _logger.LogWarning("The server did not take an event of {Object}, '{Reason}': {Error}", told.Facts.Key, told.Facts.Reason, refused.Message);
                break;
            case not null when attempt < Attempts:
                Timers.StartSingleTimer(nameof(Retry), new Retry(), RetryPause);
                return;
            case not null:
                _logger.LogWarning("An event of {Object}, '{Reason}', could not be written: {Error}", told.Facts.Key, told.Facts.Reason, error.Message);
                break;
        }
        _writing = null;
        WriteNext();
    }

    async Task<Exception?> WriteAsync(CorrelatedEvent told)
    {
        try
        {
            using var timeout = new CancellationTokenSource(WriteTimeout);
            var events = _client.Resource<Corev1Event>(NamespaceOf(told.Facts.Key));
            if (told.IsRepeat)
                await events.PatchAsync(told.Name, Patch.Merge(CountPatch(told)), cancellation: timeout.Token).ConfigureAwait(false);
            else
                await events.CreateAsync(Event(told), cancellation: timeout.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    static System.Text.Json.Nodes.JsonObject CountPatch(CorrelatedEvent told) => new()
    {
        ["count"] = told.Count,
        ["lastTimestamp"] = told.Facts.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["message"] = told.Facts.Message,
    };

    // Events of objects without a namespace live in the default one.
    static string NamespaceOf(NamespacedName key) => key.Namespace.Length == 0 ? "default" : key.Namespace;

    Corev1Event Event(CorrelatedEvent told) => new()
    {
        Metadata = new V1ObjectMeta { Name = told.Name, NamespaceProperty = NamespaceOf(told.Facts.Key) },
        InvolvedObject = new V1ObjectReference
        {
            ApiVersion = told.Facts.Kind.ApiVersion,
            Kind = told.Facts.Kind.Kind,
            Name = told.Facts.Key.Name,
            NamespaceProperty = told.Facts.Key.Namespace.Length == 0 ? null : told.Facts.Key.Namespace,
            Uid = told.Facts.Uid.Length == 0 ? null : told.Facts.Uid,
            ResourceVersion = told.Facts.ResourceVersion.Length == 0 ? null : told.Facts.ResourceVersion,
        },
        Type = told.Facts.Type,
        Reason = told.Facts.Reason,
        Message = told.Facts.Message,
        Count = told.Count,
        FirstTimestamp = told.First.UtcDateTime,
        LastTimestamp = told.Facts.At.UtcDateTime,
        Source = new V1EventSource { Component = _component },
        ReportingComponent = _component,
        ReportingInstance = Environment.MachineName,
    };
}
