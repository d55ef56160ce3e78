using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>One candidate: tries to get the lease, renews it while it has it, and tells the controllers to start and stop.</summary>
/// <remarks>
/// The deadline counts from before the last successful renewal was sent, not from when its answer came: whoever watches the lease saw it later than that, so
/// this process stops leading before any other may begin.
/// </remarks>
sealed class LeaderActor : UntypedActor, IWithTimers
{
    readonly IKubernetesClient _client;
    readonly LeaderElectionOptions _options;
    readonly IActorRef _controllers;
    readonly ILogger _logger;
    readonly LeaseElection _election;
    readonly CancellationTokenSource _stopped = new();
    readonly TimeProvider _time = new SchedulerTimeProvider(Context.System.Scheduler);
    bool _leads;
    bool _busy;
    string _holder = "";
    IActorRef? _resigning;

    public LeaderActor(IKubernetesClient client, LeaderElectionOptions options, IActorRef controllers, ILogger logger)
    {
        _client = client;
        _options = options;
        _controllers = controllers;
        _logger = logger;
        _election = new LeaseElection(options);
    }

    /// <summary>Leads no more and gives the lease back. Answered with <see cref="Resigned"/>.</summary>
    public sealed record Resign;

    /// <summary>The lease is not ours any more, or could not be given back.</summary>
    public sealed record Resigned;

    sealed record Try;

    sealed record Tried(DateTimeOffset SentAt, bool Holds, Exception? Error);

    sealed record DeadlinePassed;

    sealed record Released;

    public ITimerScheduler Timers { get; set; } = null!;

    IResourceClient<V1Lease> Leases => _client.Resource<V1Lease>(_options.LeaseNamespace);

    DateTimeOffset Now => Context.System.Scheduler.Now;

    public static Props Props(IKubernetesClient client, LeaderElectionOptions options, IActorRef controllers, ILogger logger) =>
        Akka.Actor.Props.Create(() => new LeaderActor(client, options, controllers, logger));

    protected override void PreStart()
    {
        // A candidate that has never led says so: 0, and not nothing.
        RuntimeMetrics.Leads.Add(0, new KeyValuePair<string, object?>("name", _options.LeaseName));
        Self.Tell(new Try());
    }

    protected override void PostStop() => _stopped.Cancel();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Try when _resigning is null && !_busy:
                _busy = true;
                TryAsync(Now).PipeTo(Self);
                break;
            case Tried tried:
                _busy = false;
                OnTried(tried);
                break;
            case DeadlinePassed when _leads:
                _logger.LogError("Leadership of {Lease} could not be renewed for {Seconds} s: controllers stop until it is won again", Lease, _options.RenewDeadline.TotalSeconds);
                Lose();
                break;
            case Resign:
                _resigning = Sender;
                Lose();
                if (!_busy)
                    Release();
                break;
            case Released:
                _resigning?.Tell(new Resigned());
                break;
            case Try or DeadlinePassed:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    string Lease => $"{_options.LeaseNamespace}/{_options.LeaseName}";

    void OnTried(Tried tried)
    {
        if (_resigning is not null)
        {
            Release();
            return;
        }
        if (tried.Error is { } error)
            _logger.Log(_leads ? LogLevel.Warning : LogLevel.Information, "The lease {Lease} could not be read or written: {Error}", Lease, error.Message);
        if (tried.Holds)
        {
            Timers.StartSingleTimer(nameof(DeadlinePassed), new DeadlinePassed(), Positive(tried.SentAt + _options.RenewDeadline - Now));
            if (!_leads)
                Win();
        }
        else if (tried.Error is null && _leads)
        {
            _logger.LogError("The lease {Lease} was taken by {Holder}: controllers stop", Lease, _election.Holder);
            Lose();
        }
        else if (tried.Error is null && _holder != _election.Holder)
        {
            _holder = _election.Holder;
            _logger.LogInformation("The leader of {Lease} is {Holder}", Lease, _holder);
        }
        var pause = _leads ? _options.RetryPeriod : _options.RetryPeriod * (1 + (Random.Shared.NextDouble() * 1.2));
        Timers.StartSingleTimer(nameof(Try), new Try(), pause);
    }

    void Win()
    {
        _leads = true;
        _holder = _options.Identity;
        _logger.LogInformation("This process ({Identity}) leads {Lease}: controllers start", _options.Identity, Lease);
        RuntimeMetrics.Leads.Add(1, new KeyValuePair<string, object?>("name", _options.LeaseName));
        _controllers.Tell(new ControllersActor.Lead());
    }

    void Lose()
    {
        Timers.Cancel(nameof(DeadlinePassed));
        if (!_leads)
            return;
        _leads = false;
        RuntimeMetrics.Leads.Add(-1, new KeyValuePair<string, object?>("name", _options.LeaseName));
        _controllers.Tell(new ControllersActor.Follow());
    }

    void Release()
    {
        if (_options.ReleaseOnStop)
            ReleaseAsync(Now).PipeTo(Self);
        else
            Self.Tell(new Released());
    }

    async Task<Tried> TryAsync(DateTimeOffset sentAt)
    {
        // A request that hangs longer than the leader may go unrenewed is of no use to anybody.
        using var overdue = new CancellationTokenSource(_options.RenewDeadline, _time);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, overdue.Token);
        try
        {
            V1Lease lease;
            try
            {
                lease = await Leases.GetAsync(_options.LeaseName, cancellation: timeout.Token).ConfigureAwait(false);
            }
            catch (KubernetesException missing) when (missing.IsNotFound)
            {
                _election.Observe(await Leases.CreateAsync(_election.ToCreate(sentAt), cancellation: timeout.Token).ConfigureAwait(false), sentAt);
                return new Tried(sentAt, true, null);
            }
            // Seen when the answer is here, and not before: another's lease must not look older than it is.
            var seenAt = _time.GetUtcNow();
            _election.Observe(lease, seenAt);
            if (_election.ToUpdate(lease, seenAt) is not { } update)
                return new Tried(sentAt, false, null);
            _election.Observe(await Leases.UpdateAsync(update, cancellation: timeout.Token).ConfigureAwait(false), seenAt);
            return new Tried(seenAt, true, null);
        }
        catch (Exception error)
        {
            return new Tried(sentAt, false, error);
        }
    }

    async Task<Released> ReleaseAsync(DateTimeOffset now)
    {
        using var overdue = new CancellationTokenSource(_options.RetryPeriod, _time);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, overdue.Token);
        try
        {
            // A conflict means that somebody wrote meanwhile: read again, and release only what is still ours.
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var lease = await Leases.GetAsync(_options.LeaseName, cancellation: timeout.Token).ConfigureAwait(false);
                if (_election.ToRelease(lease, now) is not { } release)
                    break;
                try
                {
                    await Leases.UpdateAsync(release, cancellation: timeout.Token).ConfigureAwait(false);
                    break;
                }
                catch (KubernetesException conflict) when (conflict.IsConflict)
                {
                }
            }
        }
        catch (Exception error)
        {
            _logger.LogInformation("The lease {Lease} could not be given back and runs out by itself: {Error}", Lease, error.Message);
        }
        return new Released();
    }

    static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
