using ActorKube.Actors;
using ActorKube.Streams;
using ActorKube.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting;

/// <summary>
/// A section of the host's configuration as the runtime's settings. What operators say there wins over what the program says; docs/operating.md lists all keys.
/// </summary>
sealed class RuntimeConfiguration
{
    readonly List<string> _problems = [];
    readonly OptionsSection _section;
    readonly OptionsSection _controllers;
    readonly OptionsSection _client;
    readonly HashSet<string> _met = new(StringComparer.OrdinalIgnoreCase);

    public RuntimeConfiguration(IConfiguration configuration)
    {
        _section = new OptionsSection(configuration, (configuration as IConfigurationSection)?.Path ?? "", _problems);
        _controllers = _section.Section("Controllers");
        _client = _section.Section("Client");
    }

    /// <summary>The cluster that is named here; null where none is.</summary>
    public Func<KubernetesClientConfiguration>? Cluster()
    {
        var inCluster = _section.Flag("InCluster", false);
        var kubeconfig = _section.Text("Kubeconfig", null);
        var context = _section.Text("Context", null);
        if (inCluster && kubeconfig is not null)
            _section.Problem("Kubeconfig", $"names a cluster, and so does {_section.PathOf("InCluster")}: leave one of them out");
        else if (context is not null && kubeconfig is null)
            _section.Problem("Context", $"chooses within a kubeconfig: name the file with {_section.PathOf("Kubeconfig")}");
        return inCluster ? static () => KubernetesClientConfiguration.InCluster()
            : kubeconfig is not null ? () => KubernetesClientConfiguration.FromKubeconfig(kubeconfig, context)
            : null;
    }

    /// <summary>How the client behaves that is made for the cluster.</summary>
    /// <exception cref="OptionsValidationException">What is said here and what the program says do not go together.</exception>
    public KubernetesClientConfiguration Client(KubernetesClientConfiguration current)
    {
        var changed = ReadClient(current);
        Check(_client, changed.Validate);
        ThrowIfWrong();
        return changed;
    }

    KubernetesClientConfiguration ReadClient(KubernetesClientConfiguration current)
    {
        var connections = _client.Section("Connections");
        var credentials = _client.Section("Credentials");
        var discovery = _client.Section("Discovery");
        var changed = current with
        {
            Qps = _client.Number("Qps", current.Qps),
            Burst = _client.Whole("Burst", current.Burst),
            MaxRetries = _client.Whole("MaxRetries", current.MaxRetries),
            Timeout = _client.Time("Timeout", current.Timeout),
            WatchIdleTimeout = _client.TimeOrNever("WatchIdleTimeout", current.WatchIdleTimeout),
            WatchRestart = _client.Time("WatchRestart", current.WatchRestart),
            PackCachedObjects = _client.Flag("PackCachedObjects", current.PackCachedObjects),
            WireFormat = _client.Choice("WireFormat", current.WireFormat),
            LogDetail = _client.Choice("LogDetail", current.LogDetail),
            LogThrottleAfter = _client.Time("LogThrottleAfter", current.LogThrottleAfter),
            LogLongThrottleAfter = _client.Time("LogLongThrottleAfter", current.LogLongThrottleAfter),
            UserAgent = _client.Text("UserAgent", current.UserAgent),
            Connections = current.Connections with
            {
                DialTimeout = connections.Time("DialTimeout", current.Connections.DialTimeout),
                TlsHandshakeTimeout = connections.Time("TlsHandshakeTimeout", current.Connections.TlsHandshakeTimeout),
                KeepAlive = connections.Time("KeepAlive", current.Connections.KeepAlive),
                ReadIdleTimeout = connections.Time("ReadIdleTimeout", current.Connections.ReadIdleTimeout),
                PingTimeout = connections.Time("PingTimeout", current.Connections.PingTimeout),
            },
            Credentials = current.Credentials with
            {
                TokenFileLife = credentials.Time("TokenFileLife", current.Credentials.TokenFileLife),
                TokenLeeway = credentials.Time("TokenLeeway", current.Credentials.TokenLeeway),
                CertificateReload = credentials.Time("CertificateReload", current.Credentials.CertificateReload),
                ExecTimeout = credentials.Time("ExecTimeout", current.Credentials.ExecTimeout),
            },
            Discovery = current.Discovery with
            {
                Timeout = discovery.Time("Timeout", current.Discovery.Timeout),
                MaxRetries = discovery.Whole("MaxRetries", current.Discovery.MaxRetries),
                Burst = discovery.Whole("Burst", current.Discovery.Burst),
            },
        };
        connections.Done();
        credentials.Done();
        discovery.Done();
        _client.Done();
        return changed;
    }

    /// <summary>Whether a client can be given its settings at all.</summary>
    /// <param name="ownsClient">Whether the host makes it.</param>
    public void CheckClient(bool ownsClient)
    {
        if (_client.Exists && !ownsClient)
            _section.Problem("Client", "the program brings a client of its own, which these settings cannot change: leave them out, or name the cluster in configuration");
        // Read once for the problems it may have; the configuration itself, which numbers have to go together with, is read when the client is made.
        _ = ReadClient(new KubernetesClientConfiguration { Server = new Uri("http://nowhere") });
    }

    /// <summary>The runtime's settings.</summary>
    public KubernetesOptions Runtime(KubernetesOptions current)
    {
        var changed = current with
        {
            ShutdownTimeout = _section.Time("ShutdownTimeout", current.ShutdownTimeout),
            Component = _section.Text("Component", current.Component)!,
            ReflectorSilence = _section.Time("ReflectorSilence", current.ReflectorSilence),
            TroubleRepeat = _section.Time("TroubleRepeat", current.TroubleRepeat),
            MinResync = _section.Time("MinResync", current.MinResync),
            HandlerFaultPause = _section.Time("HandlerFaultPause", current.HandlerFaultPause),
            ReflectorRestartPause = _section.Time("ReflectorRestartPause", current.ReflectorRestartPause),
            ConsistencyCheck = _section.TimeOrNever("ConsistencyCheck", current.ConsistencyCheck),
            Events = Events(_section.Section("Events"), current.Events),
            ListAndWatch = ListAndWatch(_section.Section("ListAndWatch"), current.ListAndWatch),
            LeaderElection = LeaderElection(_section.Section("LeaderElection"), current.LeaderElection),
        };
        Check(_section, changed.ValidateOwn);
        _section.Done();
        return changed;
    }

    /// <summary>A controller's settings: those of <c>Controllers:*</c> for all of them, then those under its own name.</summary>
    public ControllerOptions Controller(string name, ControllerOptions current)
    {
        foreach (var key in (ReadOnlySpan<string>)["*", name])
        {
            _met.Add(key);
            var section = _controllers.Section(key);
            if (section.Exists)
                current = Controller(section, current);
        }
        return current;
    }

    /// <summary>All has been read: nothing may be wrong.</summary>
    /// <exception cref="OptionsValidationException">Something is; its message lists each problem with its key.</exception>
    public void ThrowIfWrong()
    {
        foreach (var key in _controllers.Keys.Where(key => !_met.Contains(key)))
            _controllers.Problem(key, $"there is no controller of this name; there are {string.Join(", ", _met.Order())} (* is for all)");
        if (_problems.Count > 0)
            throw new OptionsValidationException(nameof(KubernetesOptions), typeof(KubernetesOptions), _problems.Distinct());
    }

    static ControllerOptions Controller(OptionsSection section, ControllerOptions current)
    {
        var retry = section.Section("Retry");
        var changed = current with
        {
            MaxConcurrentReconciles = section.Whole("MaxConcurrentReconciles", current.MaxConcurrentReconciles),
            ReconcileTimeout = section.TimeOrNever("ReconcileTimeout", current.ReconcileTimeout),
            AbandonAfter = section.Time("AbandonAfter", current.AbandonAfter),
            WriteVisibilityTimeout = section.Time("WriteVisibilityTimeout", current.WriteVisibilityTimeout),
            Ageing = section.Time("Ageing", current.Ageing),
            AgedShare = section.Whole("AgedShare", current.AgedShare),
            Resync = section.TimeOrNever("Resync", current.Resync),
            ResyncJitter = section.Number("ResyncJitter", current.ResyncJitter),
            CacheSyncTimeout = section.Time("CacheSyncTimeout", current.CacheSyncTimeout),
            KeepTryingToSync = section.Flag("KeepTryingToSync", current.KeepTryingToSync),
            EventComponent = section.Text("EventComponent", current.EventComponent),
            NeedsLeaderElection = section.Flag("NeedsLeaderElection", current.NeedsLeaderElection),
            Retry = current.Retry with
            {
                Initial = retry.Time("Initial", current.Retry.Initial),
                Cap = retry.Time("Cap", current.Retry.Cap),
                OverallPerSecond = retry.Number("OverallPerSecond", current.Retry.OverallPerSecond),
                Burst = retry.Whole("Burst", current.Retry.Burst),
            },
        };
        retry.Done();
        section.Done();
        Check(section, changed.Validate);
        return changed;
    }

    static ListAndWatchSettings ListAndWatch(OptionsSection section, ListAndWatchSettings current)
    {
        var backoff = section.Section("Backoff");
        var changed = current with
        {
            MinWatchTimeout = section.Time("MinWatchTimeout", current.MinWatchTimeout),
            MaxWatchTimeout = section.TimeOrNever("MaxWatchTimeout", current.MaxWatchTimeout),
            WatchOverrun = section.Time("WatchOverrun", current.WatchOverrun),
            IdleTimeout = section.TimeOrNever("IdleTimeout", current.IdleTimeout),
            VeryShortWatch = section.Time("VeryShortWatch", current.VeryShortWatch),
            PageSize = section.Whole("PageSize", current.PageSize),
            AlwaysPage = section.Flag("AlwaysPage", current.AlwaysPage),
            StreamInitialEvents = section.Flag("StreamInitialEvents", current.StreamInitialEvents),
            InitialEventsTimeout = section.Time("InitialEventsTimeout", current.InitialEventsTimeout),
            InitialEventsWarning = section.Time("InitialEventsWarning", current.InitialEventsWarning),
            InternalErrorRetryWindow = section.Time("InternalErrorRetryWindow", current.InternalErrorRetryWindow),
            InternalErrorRetryReset = section.Time("InternalErrorRetryReset", current.InternalErrorRetryReset),
            MissingKindRetry = section.Time("MissingKindRetry", current.MissingKindRetry),
            Backoff = current.Backoff with
            {
                Initial = backoff.Time("Initial", current.Backoff.Initial),
                Factor = backoff.Number("Factor", current.Backoff.Factor),
                Cap = backoff.Time("Cap", current.Backoff.Cap),
                Jitter = backoff.Number("Jitter", current.Backoff.Jitter),
                ResetAfter = backoff.Time("ResetAfter", current.Backoff.ResetAfter),
            },
        };
        backoff.Done();
        section.Done();
        Check(section, changed.Validate);
        return changed;
    }

    static EventOptions Events(OptionsSection section, EventOptions current)
    {
        var changed = current with
        {
            Api = section.Choice("Api", current.Api),
            AggregateFrom = section.Whole("AggregateFrom", current.AggregateFrom),
            AggregateWindow = section.Time("AggregateWindow", current.AggregateWindow),
            SpamBurst = section.Whole("SpamBurst", current.SpamBurst),
            SpamPerSecond = section.Number("SpamPerSecond", current.SpamPerSecond),
            Remembered = section.Whole("Remembered", current.Remembered),
            QueueLimit = section.Whole("QueueLimit", current.QueueLimit),
            Attempts = section.Whole("Attempts", current.Attempts),
            RetryPause = section.Time("RetryPause", current.RetryPause),
            WriteTimeout = section.Time("WriteTimeout", current.WriteTimeout),
            SeriesFinish = section.Time("SeriesFinish", current.SeriesFinish),
            SeriesRefresh = section.Time("SeriesRefresh", current.SeriesRefresh),
        };
        section.Done();
        Check(section, changed.Validate);
        return changed;
    }

    static LeaderElectionOptions? LeaderElection(OptionsSection section, LeaderElectionOptions? current)
    {
        var enabled = section.Flag("Enabled", current is not null || section.Exists);
        var none = new LeaderElectionOptions { LeaseName = "", LeaseNamespace = "" };
        var said = current ?? none;
        var changed = said with
        {
            LeaseName = section.Text("LeaseName", said.LeaseName) ?? "",
            LeaseNamespace = section.Text("LeaseNamespace", said.LeaseNamespace) ?? "",
            Identity = section.Text("Identity", said.Identity) ?? "",
            LeaseDuration = section.Time("LeaseDuration", said.LeaseDuration),
            RenewDeadline = section.Time("RenewDeadline", said.RenewDeadline),
            RetryPeriod = section.Time("RetryPeriod", said.RetryPeriod),
            AcquireJitter = section.Number("AcquireJitter", said.AcquireJitter),
            ReleasedDuration = section.Time("ReleasedDuration", said.ReleasedDuration),
            ReleaseOnStop = section.Flag("ReleaseOnStop", said.ReleaseOnStop),
        };
        section.Done();
        if (!enabled)
            return null;
        Check(section, changed.Validate);
        return changed;
    }

    // What options say of themselves names a property; here it gets the key that an operator can find.
    static void Check(OptionsSection section, Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentException error)
        {
            var key = error.ParamName?.Replace('.', ':');
            var what = error.Message.Split(" (Parameter '", 2)[0];
            var value = (error as ArgumentOutOfRangeException)?.ActualValue;
            if (key is null)
                section.Problem("", what);
            else
                section.Problem(key, value is null ? what : $"{what} It is {value}.");
        }
    }
}
