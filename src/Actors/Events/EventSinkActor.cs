using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Writes events to the server, one at a time and in order; what comes faster than it can write waits in a bounded queue, and the rest is dropped.</summary>
sealed class EventSinkActor : UntypedActor, IWithTimers
{
    readonly IKubernetesClient _client;
    readonly EventWriter _writer;
    readonly EventOptions _options;
    readonly EventIntake _intake;
    readonly ILogger _logger;
    readonly TimeProvider _time;
    readonly Func<double> _random;
    readonly IEventCorrelator _correlator;
    readonly Queue<CorrelatedEvent> _queue = new();
    (CorrelatedEvent Event, int Attempt)? _writing;
    long _dropped;

    public EventSinkActor(IKubernetesClient client, string component, EventOptions options, EventIntake intake, ILogger logger, TimeProvider time, Func<double> random)
    {
        _client = client;
        _options = options;
        _intake = intake;
        _logger = logger;
        _time = time;
        _random = random;
        _writer = options.Api == EventApi.EventsV1 ? new EventsV1Writer(component) : new CoreEventWriter(component);
        _correlator = options.Api == EventApi.EventsV1 ? new EventSeries(options) : new EventCorrelator(options);
    }

    sealed record Written(Exception? Error);

    sealed record Retry;

    sealed record Tick;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IKubernetesClient client, string component, EventOptions options, EventIntake intake, ILogger logger, TimeProvider time, Func<double>? random = null)
    {
        // Chosen outside of the expression: an expression of plain values is read, any other is compiled, which would cost a process that starts its tenth part.
        var chance = random ?? Random.Shared.NextDouble;
        return Akka.Actor.Props.Create(() => new EventSinkActor(client, component, options, intake, logger, time, chance));
    }

    protected override void PreStart()
    {
        if (_correlator.TickEvery is { } every)
            Timers.StartPeriodicTimer(nameof(Tick), new Tick(), every);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EventFacts facts:
                _intake.Leave();
                if (_correlator.Correlate(facts) is { } told)
                    Enqueue(told);
                break;
            case Tick:
                foreach (var due in _correlator.Tick(_time.GetUtcNow()))
                    Enqueue(due);
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

    void Enqueue(CorrelatedEvent told)
    {
        if (_queue.Count >= _options.QueueLimit)
        {
            if (_dropped++ % _options.QueueLimit == 0)
                _logger.LogWarning("Events come faster than the server takes them: {Dropped} dropped so far", _dropped + _intake.Refused);
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
                Write(told.Anew(), attempt);
                return;
            case KubernetesException refused:
                if (!refused.IsAlreadyExists)
                    _logger.LogWarning("The server did not take an event of {Object}, '{Reason}': {Error}", told.Facts.Key, told.Facts.Reason, refused.Message);
                break;
            case not null when attempt < _options.Attempts:
                Timers.StartSingleTimer(nameof(Retry), new Retry(), attempt == 1 ? _options.RetryPause * _random() : _options.RetryPause);
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
            using var timeout = new CancellationTokenSource(_options.WriteTimeout, _time);
            await _writer.WriteAsync(_client, told, timeout.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
