using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka;
using Akka.Actor;
using Akka.Streams.Dsl;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors;

/// <summary>Kubernetes in an actor system: the client, shared caches, sources of changes, controllers. Thread-safe. Got with <c>system.Kubernetes()</c>.</summary>
public sealed class Kubernetes : IExtension
{
    static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    readonly ActorSystem _system;
    readonly KubernetesOptions _options;
    readonly IActorRef _guardian;
    readonly Task<IEventRecorder> _recorder;
    readonly RuntimeGauges _gauges;
    readonly Lock _stopping = new();
    volatile bool _mayRelease;
    volatile Task? _stopped;

    internal Kubernetes(ActorSystem system, IKubernetesClient client, KubernetesOptions options, ILoggerFactory loggers, string name = "actorkube")
    {
        options.Validate();
        _system = system;
        _options = options;
        Client = client.WithWriteObserver(WriteLog.Observe, WriteLog.CheckFence);
        // A candidate that has never led says so from the start: 0, and not nothing.
        if (options.LeaderElection is { } election)
            RuntimeMetrics.Leads.Add(0, new KeyValuePair<string, object?>("name", election.LeaseName));
        var recorder = new TaskCompletionSource<IEventRecorder>(TaskCreationOptions.RunContinuationsAsynchronously);
        _recorder = recorder.Task;
        _guardian = system.ActorOf(GuardianActor.Props(Client, options, Health, loggers, recorder), name);
        _gauges = new RuntimeGauges(Health, new SchedulerTimeProvider(system.Scheduler));
        system.RegisterOnTermination(_gauges.Dispose);
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, $"{name}-drain", () => _stopped is null ? DrainAsync() : Task.FromResult(Done.Instance));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, $"{name}-resign", () => _stopped is null ? ResignAsync() : Task.FromResult(Done.Instance));
    }

    /// <summary>The cluster. What a reconcile writes through it will be visible in the caches before its key is reconciled again.</summary>
    public IKubernetesClient Client { get; }

    /// <summary>The top of the runtime's tree: passes messages on to reflectors and controllers.</summary>
    internal IActorRef Guardian => _guardian;

    /// <summary>How caches and controllers fare.</summary>
    public RuntimeHealth Health { get; } = new();

    /// <summary>Records Kubernetes events, for code outside of reconciles; inside, <see cref="ReconcileContext.Events"/> is at hand.</summary>
    public async Task<IEventRecorder> EventsAsync() => await _recorder.WaitAsync(AskTimeout).ConfigureAwait(false);

    /// <summary>After how long without a sign of life a reflector counts as stuck.</summary>
    internal TimeSpan ReflectorSilence => _options.ReflectorSilence;

    /// <summary>A shared cache. It is there at once and empty; wait with <see cref="ObjectCache.WaitForSyncAsync"/>.</summary>
    /// <param name="spec">Which objects.</param>
    /// <param name="owner">Whose need keeps the cache alive: it goes when its last owner stops. Null keeps it as long as the actor system.</param>
    /// <param name="indexes">Indexes to have beside <see cref="CacheIndex.ByControllerUid"/>.</param>
    public Task<ObjectCache> CacheAsync(CacheSpec spec, IActorRef? owner = null, params IReadOnlyList<CacheIndex> indexes) =>
        _guardian.Ask<ObjectCache>(new ReflectorsActor.Acquire(spec, owner ?? _guardian, indexes), AskTimeout);

    /// <summary>A shared cache of a class's objects in all namespaces, or in one.</summary>
    /// <inheritdoc cref="CacheAsync(CacheSpec, IActorRef?, IReadOnlyList{CacheIndex})"/>
    public async Task<ObjectCache<T>> CacheAsync<T>(string? @namespace = null, IActorRef? owner = null, params IReadOnlyList<CacheIndex> indexes)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(await CacheAsync(CacheSpec.Of<T>(@namespace), owner, indexes).ConfigureAwait(false));

    /// <summary>Tells that an owner needs a cache no more; the cache ends with its last owner. An owner that stops need not say so.</summary>
    /// <param name="spec">Which cache.</param>
    /// <param name="owner">The owner that <see cref="CacheAsync(CacheSpec, IActorRef?, IReadOnlyList{CacheIndex})"/> was told.</param>
    public void Release(CacheSpec spec, IActorRef owner) => _guardian.Tell(new ReflectorsActor.Release(spec, owner));

    /// <summary>An informer: a shared cache with handlers, as client-go has it. Dispose it when it is needed no more.</summary>
    /// <param name="spec">Which objects.</param>
    /// <param name="indexes">Indexes to have beside <see cref="CacheIndex.ByControllerUid"/>.</param>
    public async Task<Informer> InformerAsync(CacheSpec spec, params IReadOnlyList<CacheIndex> indexes)
    {
        var actor = await MakeInformerAsync(spec).ConfigureAwait(false);
        return new Informer(await CacheAsync(spec, actor, indexes).ConfigureAwait(false), actor);
    }

    /// <summary>An informer of a class's objects in all namespaces, or in one.</summary>
    /// <inheritdoc cref="InformerAsync(CacheSpec, IReadOnlyList{CacheIndex})"/>
    public async Task<Informer<T>> InformerAsync<T>(string? @namespace = null, params IReadOnlyList<CacheIndex> indexes)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var spec = CacheSpec.Of<T>(@namespace);
        var actor = await MakeInformerAsync(spec).ConfigureAwait(false);
        return new Informer<T>(await CacheAsync(spec, actor, indexes).ConfigureAwait(false), actor);
    }

    async Task<IActorRef> MakeInformerAsync(CacheSpec spec) =>
        (await _guardian.Ask<GuardianActor.InformerMade>(new GuardianActor.MakeInformer(spec.ToString()), AskTimeout).ConfigureAwait(false)).Informer;

    /// <summary>
    /// A queue of keys and the function that works them off, for those who add keys themselves, from an informer's handlers or from anywhere: client-go's way. It starts when
    /// the caches are synced and, where leader election is on, this process leads.
    /// </summary>
    /// <param name="name">The controller's name.</param>
    /// <param name="sync">Works on one key; never called twice at once for the same key. What it throws is logged, counted and tried again with growing pauses.</param>
    /// <param name="options">The controller's numbers; null for the defaults.</param>
    /// <param name="caches">What the function reads: it is not called before these are synced, nor before they show what it wrote for the same key last.</param>
    /// <exception cref="InvalidOperationException">There is a controller of that name.</exception>
    public async Task<KeyQueue> QueueAsync(string name, Func<NamespacedName, CancellationToken, Task<ReconcileResult>> sync, ControllerOptions? options = null, params IReadOnlyList<CacheSpec> caches)
    {
        options ??= new ControllerOptions();
        options.Validate();
        await AddAsync(new ControllerSpec(
            name,
            [.. caches.Select(static c => new WatchSpec(c, static _ => [], [], []))],
            (run, cancellation) => sync(run.Key, cancellation),
            options)).ConfigureAwait(false);
        return Keys(name);
    }

    /// <summary>The keys of a controller, to be added to by hand beside what its watches bring.</summary>
    /// <param name="controller">The controller's name.</param>
    public KeyQueue Keys(string controller) => new(controller, _guardian, () => _options.Time?.GetUtcNow() ?? _system.Scheduler.Now, RemoveAsync);

    /// <summary>A list+watch of its own as a source, see <see cref="KubeSource.ListAndWatch(IListWatch, ListAndWatchSettings?, TimeProvider?)"/>; it shares nothing with the caches.</summary>
    public Source<ReflectorEvent, NotUsed> Source(CacheSpec spec, ListAndWatchSettings? settings = null) =>
        KubeSource.ListAndWatch(
            GuardianActor.ListWatchOf(Client, spec),
            settings ?? _options.SettingsOf(spec),
            new SchedulerTimeProvider(_system.Scheduler));

    /// <summary>
    /// What happens in a shared cache, as a source: all objects as additions, then each change. Backpressure reaches the cache, where what is not taken is kept as one entry a key.
    /// Completes never by itself; cancelling lets go of the cache.
    /// </summary>
    /// <param name="spec">Which objects.</param>
    /// <param name="resync">How often all objects are told again although nothing changed; null for never.</param>
    public Source<CacheChange, NotUsed> Changes(CacheSpec spec, TimeSpan? resync = null) =>
        Akka.Streams.Dsl.Source.FromGraph(new CacheChangesStage(spec, _guardian, resync));

    /// <summary>Adds a controller; it starts when its caches are synced and, where leader election is on, this process leads.</summary>
    /// <param name="controller">The controller, such as <c>new ControllerBuilder&lt;V1Pod>()….Build()</c>.</param>
    /// <returns>Ends when the controller is known, and may not have started.</returns>
    /// <exception cref="InvalidOperationException">There is one of that name.</exception>
    public async Task AddAsync(ControllerSpec controller)
    {
        var added = await _guardian.Ask<ControllersActor.Added>(new ControllersActor.Add(controller), AskTimeout).ConfigureAwait(false);
        if (added.Refusal is { } refusal)
            throw new InvalidOperationException(refusal);
    }

    /// <summary>Removes a controller: what it runs may finish, within <see cref="KubernetesOptions.ShutdownTimeout"/>.</summary>
    /// <param name="controller">Its name; one that is not there is no error.</param>
    /// <returns>Ends when what it ran has finished, or the time for that is over.</returns>
    public Task RemoveAsync(string controller) =>
        _guardian.Ask<ControllersActor.AllDrained>(new ControllersActor.Remove(controller, _options.ShutdownTimeout), _options.ShutdownTimeout + AskTimeout);

    /// <summary>Ends this runtime while its actor system goes on: reconciles may finish, within <see cref="KubernetesOptions.ShutdownTimeout"/>, leadership is given back, caches and their watches end. Any number of times.</summary>
    public Task StopAsync()
    {
        lock (_stopping)
            return _stopped ??= StopOnceAsync();
    }

    async Task StopOnceAsync()
    {
        await DrainAsync().ConfigureAwait(false);
        await ResignAsync().ConfigureAwait(false);
        await _guardian.GracefulStop(_options.ShutdownTimeout + AskTimeout).ConfigureAwait(false);
        _gauges.Dispose();
    }

    /// <summary>The caches there are.</summary>
    internal async Task<IReadOnlyList<ObjectCache>> CachesAsync() => (await _guardian.Ask<ReflectorsActor.AllCaches>(new ReflectorsActor.WhichCaches(), AskTimeout).ConfigureAwait(false)).All;

    async Task<Done> DrainAsync()
    {
        var drained = await _guardian.Ask<ControllersActor.AllDrained>(new GuardianActor.Shutdown(_options.ShutdownTimeout), _options.ShutdownTimeout + AskTimeout).ConfigureAwait(false);
        // Whoever takes the lease over acts at once: not while something here still does.
        _mayRelease = !drained.StillRunning;
        return Done.Instance;
    }

    async Task<Done> ResignAsync()
    {
        await _guardian.Ask<LeaderActor.Resigned>(new LeaderActor.Resign(_mayRelease), AskTimeout).ConfigureAwait(false);
        return Done.Instance;
    }
}

/// <summary>How an actor system gets Kubernetes.</summary>
public static class KubernetesExtensions
{
    /// <summary>Adds Kubernetes to an actor system; once a system. Hosts do this with <c>AddAkka(…, akka => akka.WithKubernetes(…))</c>.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="client">The client to use; it is not disposed with the system.</param>
    /// <param name="options">The numbers; null for the defaults.</param>
    /// <param name="loggers">Where logs go; null for nowhere.</param>
    public static Kubernetes AddKubernetes(this ActorSystem system, IKubernetesClient client, KubernetesOptions? options = null, ILoggerFactory? loggers = null) =>
        (Kubernetes)system.RegisterExtension(new Provider(client, options ?? new KubernetesOptions(), loggers ?? NullLoggerFactory.Instance));

    /// <summary>
    /// Starts another runtime in an actor system, beside the one that <see cref="AddKubernetes"/> adds, and not found by <see cref="Kubernetes(ActorSystem)"/>: for a second cluster, or a part with a client and numbers of its own. It
    /// goes with the system, or before it by <see cref="Actors.Kubernetes.StopAsync"/>.
    /// </summary>
    /// <param name="system">The actor system.</param>
    /// <param name="name">Its name, unlike any other's in the system: that of its topmost actor.</param>
    /// <param name="client">The client to use; it is not disposed with the runtime.</param>
    /// <param name="options">The numbers; null for the defaults.</param>
    /// <param name="loggers">Where logs go; null for nowhere.</param>
    /// <exception cref="InvalidActorNameException">There is one of that name.</exception>
    public static Kubernetes StartKubernetes(this ActorSystem system, string name, IKubernetesClient client, KubernetesOptions? options = null, ILoggerFactory? loggers = null) =>
        new(system, client, options ?? new KubernetesOptions(), loggers ?? NullLoggerFactory.Instance, name);

    /// <summary>The Kubernetes of an actor system.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static Kubernetes Kubernetes(this ActorSystem system) =>
        system.TryGetExtension<Kubernetes>(out var kubernetes)
            ? kubernetes
            : throw new InvalidOperationException("This actor system has no Kubernetes yet: add it with akka.WithKubernetes(…) in AddAkka, or with system.AddKubernetes(client).");

    sealed class Provider(IKubernetesClient client, KubernetesOptions options, ILoggerFactory loggers) : ExtensionIdProvider<Kubernetes>
    {
        public override Kubernetes CreateExtension(ExtendedActorSystem system) => new(system, client, options, loggers);
    }
}
