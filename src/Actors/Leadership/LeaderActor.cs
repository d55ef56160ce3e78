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
    readonly TimeProvider _time;
    readonly long _began;
    readonly Func<double> _random;
    CancellationTokenSource? _trying;
    bool _leads;
    string _holder = "";
    IActorRef? _resigning;
    bool _release;

    public LeaderActor(IKubernetesClient client, LeaderElectionOptions options, IActorRef controllers, ILogger logger, TimeProvider time, Func<double> random)
    {
        _client = client;
        _time = time;
        _began = time.GetTimestamp();
        _random = random;
        _options = options;
        _controllers = controllers;
        _logger = logger;
        _election = new LeaseElection(options);
    }

    /// <summary>Leads no more, and gives the lease back. Answered with <see cref="Resigned"/>.</summary>
    /// <param name="Release">False where something of this process may still act: then the lease runs out by itself, which gives it the time.</param>
    public sealed record Resign(bool Release = true);

    /// <summary>The lease is not ours any more, or could not be given back.</summary>
    public sealed record Resigned;

    sealed record Try;

    sealed record Tried(TimeSpan SentAt, bool Holds, Exception? Error);

    sealed record DeadlinePassed;

    sealed record Released;

    public ITimerScheduler Timers { get; set; } = null!;

    IResourceClient<V1Lease> Leases => _client.Resource<V1Lease>(_options.LeaseNamespace);

    LeaseInstant Now => new(_time.GetElapsedTime(_began), _time.GetUtcNow());

    /// <param name="client">Where the lease is.</param>
    /// <param name="options">The lease and the numbers.</param>
    /// <param name="controllers">Told to lead and to follow.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock: its timestamps decide, its time of day is written down.</param>
    /// <param name="random">Numbers from 0 to 1 for jitter; null for the usual ones.</param>
    public static Props Props(IKubernetesClient client, LeaderElectionOptions options, IActorRef controllers, ILogger logger, TimeProvider time, Func<double>? random = null)
    {
        // Chosen outside of the expression, which then need not be compiled to be read.
        var chance = random ?? Random.Shared.NextDouble;
        return Akka.Actor.Props.Create(() => new LeaderActor(client, options, controllers, logger, time, chance));
    }

    protected override void PreStart() => Self.Tell(new Try());

    protected override void PostStop()
    {
        _stopped.Cancel();
        if (_leads)
            RuntimeMetrics.Leads.Add(-1, new KeyValuePair<string, object?>("name", _options.LeaseName));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Try when _resigning is null && _trying is null:
                // A request that hangs longer than the leader may go unrenewed is of no use to anybody.
                _trying = new CancellationTokenSource(_options.RenewDeadline, _time);
                TryAsync(Now, _trying.Token).PipeTo(Self);
                break;
            case Tried tried:
                _trying?.Dispose();
                _trying = null;
                OnTried(tried);
                break;
            case DeadlinePassed when _leads:
                _logger.LogError("Leadership of {Lease} could not be renewed for {Seconds} s: controllers stop until it is won again", Lease, _options.RenewDeadline.TotalSeconds);
                Lose();
                break;
            case Resign resign:
                _resigning = Sender;
                _release = resign.Release && _options.ReleaseOnStop;
                Lose();
                if (_trying is null)
                    Release();
                else
                    _trying.Cancel();
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
        var left = tried.SentAt + _options.RenewDeadline - Now.Local;
        if (tried.Holds && left > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(nameof(DeadlinePassed), new DeadlinePassed(), left);
            if (!_leads)
                Win();
        }
        else if (tried.Error is null && !tried.Holds && _leads)
        {
            _logger.LogError("The lease {Lease} was taken by {Holder}: controllers stop", Lease, _election.Holder);
            Lose();
        }
        else if (tried.Error is null && !tried.Holds && _holder != _election.Holder)
        {
            _holder = _election.Holder;
            _logger.LogInformation("The leader of {Lease} is {Holder}", Lease, _holder);
        }
        var pause = _leads ? _options.RetryPeriod : _options.RetryPeriod * (1 + (_random() * _options.AcquireJitter));
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
        if (_release)
            ReleaseAsync().PipeTo(Self);
        else
            Self.Tell(new Released());
    }

    async Task<Tried> TryAsync(LeaseInstant sent, CancellationToken overdue)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, overdue);
        try
        {
            V1Lease lease;
            try
            {
                lease = await Leases.GetAsync(_options.LeaseName, cancellation: timeout.Token).ConfigureAwait(false);
            }
            catch (KubernetesException missing) when (missing.IsNotFound)
            {
                sent = Now;
                _election.Observe(await Leases.CreateAsync(_election.ToCreate(sent), cancellation: timeout.Token).ConfigureAwait(false), sent);
                return new Tried(sent.Local, true, null);
            }
            // Seen when the answer is here, and not before: another's lease must not look older than it is.
            var seen = Now;
            _election.Observe(lease, seen);
            if (_election.ToUpdate(lease, seen) is not { } update)
                return new Tried(sent.Local, false, null);
            _election.Observe(await Leases.UpdateAsync(update, cancellation: timeout.Token).ConfigureAwait(false), seen);
            return new Tried(seen.Local, true, null);
        }
        catch (Exception error)
        {
            return new Tried(sent.Local, false, error);
        }
    }

    async Task<Released> ReleaseAsync()
    {
        using var overdue = new CancellationTokenSource(_options.RetryPeriod, _time);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, overdue.Token);
        try
        {
            // A conflict means that somebody wrote meanwhile: read again, and release only what is still ours.
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var lease = await Leases.GetAsync(_options.LeaseName, cancellation: timeout.Token).ConfigureAwait(false);
                if (_election.ToRelease(lease, Now) is not { } release)
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
}
