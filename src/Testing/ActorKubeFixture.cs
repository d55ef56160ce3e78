using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Kubelet;
using ActorKube.Local;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Hosting;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Testing;

/// <summary>
/// All that a test of controllers needs, in this process and without a socket: an embedded API server, an actor system with the runtime, a client for the test, a probe that sees what
/// controllers do, faults, and a time that stands still until the test lets it pass.
/// </summary>
/// <remarks>Knows no test framework: expectations fail with exceptions. Several fixtures may live side by side. <see cref="System"/> can be given to a TestKit.</remarks>
/// <example><code>
/// await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController&lt;At&gt;(c => c.WithReconciler&lt;AtReconciler&gt;()));
/// await kube.Client.Resource&lt;At&gt;("default").CreateAsync(lunch);
/// var pod = await kube.Probe.ExpectWriteAsync&lt;V1Pod&gt;("default/lunch-pod", "create");
/// </code></example>
public sealed partial class ActorKubeFixture : IAsyncDisposable
{
    readonly ActorKubeFixtureOptions _options;
    readonly IHost _host;
    readonly ReactorHandler _reactors;
    readonly KubernetesClient _controllers;
    readonly KubernetesClient _client;
    readonly KubernetesClient _clusters;
    readonly KubernetesClient _kubelet;
    readonly Troubles _troubles;
    Kubernetes? _clusterRuntime;
    SimulatedNode? _node;
    readonly int _exitCode = Environment.ExitCode;

    ActorKubeFixture(ActorKubeFixtureOptions options, IHost host, ActorSystem system, EmbeddedApiServer server, Troubles troubles)
    {
        _options = options;
        _host = host;
        System = system;
        Work = OutstandingWork.Of(system);
        Server = server;
        _troubles = troubles;
        Probe = new KubeProbe(this, options.Patience);
        _reactors = new ReactorHandler(server.CreateHandler(), (Time as VirtualTime)?.OfDelays ?? Time);
        var watches = new WatchRules();
        _reactors.On("*", "*", RecordAsync);
        _reactors.On("watch", "*", watches.WatchAsync);
        Faults = new KubeFaults(server.Faults, watches, _reactors);
        _controllers = ClientThrough(new CountingHandler(_reactors, Work));
        // Counted as well: reconcilers of tests may write through it, past the probe.
        _client = ClientThrough(new CountingHandler(server.CreateHandler(), Work));
        _clusters = ClientThrough(new CountingHandler(server.CreateHandler(), Work), "kube-controller-manager/actorkube");
        _kubelet = ClientThrough(new CountingHandler(server.CreateHandler(), Work), "kubelet/actorkube");
    }

    /// <summary>The test's own client: rules of <see cref="Faults"/> do not meet it, and <see cref="Probe"/> does not see what it writes.</summary>
    public IKubernetesClient Client => _client;

    /// <summary>What the controllers do.</summary>
    public KubeProbe Probe { get; }

    /// <summary>What may go wrong.</summary>
    public KubeFaults Faults { get; }

    /// <summary>The server.</summary>
    public EmbeddedApiServer Server { get; }

    /// <summary>The actor system.</summary>
    public ActorSystem System { get; }

    /// <summary>The runtime in the actor system: caches, controllers, informers.</summary>
    public Kubernetes Kubernetes => System.Kubernetes();

    /// <summary>The time of everything here.</summary>
    public TimeProvider Time => Work.Time;

    /// <summary>What is being done at this moment; <see cref="SettleAsync"/> waits for it.</summary>
    public OutstandingWork Work { get; }

    /// <summary>Now, by <see cref="Time"/>.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts everything; ends when the actor system's actors and controllers have started.</summary>
    /// <param name="akka">
    /// What runs: the same lines as in a host's <c>AddAkka</c>, whose <c>WithKubernetes()</c> finds this fixture's server by itself. Null for nothing yet: controllers may be added to
    /// <see cref="Kubernetes"/> later.
    /// </param>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <param name="services">What reconcilers need beside a client and the time.</param>
    public static async Task<ActorKubeFixture> StartAsync(Action<AkkaConfigurationBuilder>? akka = null, ActorKubeFixtureOptions? options = null, Action<IServiceCollection>? services = null)
    {
        options ??= new ActorKubeFixtureOptions();
        ActorKubeFixture? fixture = null;
        var observer = new Observer(() => fixture);
        var host = Build(akka, options, services, observer, () => fixture);
        try
        {
            // The system's scheduler is the clock of all the rest, so it comes first; its actors start with the host, when the server is there.
            var system = host.Services.GetRequiredService<ActorSystem>();
            var server = await EmbeddedApiServer.StartAsync(options.Server(new EmbeddedApiServerOptions
            {
                Listen = false,
                TimeProvider = OutstandingWork.Of(system).Time,
            })).ConfigureAwait(false);
            fixture = new ActorKubeFixture(options, host, system, server, observer.Troubles);
            await fixture.StartAsync(observer).ConfigureAwait(false);
            return fixture;
        }
        catch
        {
            if (fixture is not null)
                await fixture.DisposeAsync().ConfigureAwait(false);
            else
                host.Dispose();
            throw;
        }
    }

    static IHost Build(Action<AkkaConfigurationBuilder>? akka, ActorKubeFixtureOptions options, Action<IServiceCollection>? services, Observer observer, Func<ActorKubeFixture?> fixture)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logging => options.Logging?.Invoke(logging));
        builder.Services.AddSingleton<IHostLifetime, TestsLifetime>();
        builder.Services.AddSingleton<IKubernetesClient>(_ => fixture()!._controllers);
        builder.Services.AddSingleton(_ => fixture()?.Time ?? TimeProvider.System);
        builder.Services.AddSingleton<IRuntimeObserver>(observer);
        builder.Services.AddAkka("test", (configuration, _) =>
        {
            configuration.AddHocon(options.VirtualTime ? OutstandingWork.VirtualTimeConfiguration : OutstandingWork.Configuration, HoconAddMode.Prepend);
            akka?.Invoke(configuration);
        });
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    async Task StartAsync(Observer observer)
    {
        foreach (var definition in _options.Definitions)
            await Client.Resource<V1CustomResourceDefinition>().CreateAsync(definition).ConfigureAwait(false);
        await _host.StartAsync().ConfigureAwait(false);
        if (!System.TryGetExtension<Kubernetes>(out _))
            System.AddKubernetes(_controllers, _options.Runtime with { Observers = [.. _options.Runtime.Observers, observer], Time = Time });
        if (_options.Pods is { } pods)
        {
            _node = await SimulatedNode.StartAsync(_kubelet, pods with { System = System, Time = Time, Observers = [.. pods.Observers, Work] }).ConfigureAwait(false);
            Server.Nodes = _node;
        }
        if (_options.Controllers is { } controllers)
        {
            // In the same actor system, for its time and its counting, and apart from what is tested: two controllers may have one name.
            _clusterRuntime = System.StartKubernetes("cluster", _clusters, new KubernetesOptions { Component = "controller-manager", Observers = [new Unseen(Work, _troubles)], Time = Time }, controllers.LoggerFactory);
            await ClusterControllers.StartAsync(_clusterRuntime, controllers.Beside(Server) with { Time = Time }).ConfigureAwait(false);
        }
    }

    // ---- the world ----

    /// <summary>Adds a controller, as a host's <c>WithController</c> does.</summary>
    public Task AddControllerAsync<T>(Action<ControllerBuilder<T>> configure)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var controller = new ControllerBuilder<T>();
        configure(controller);
        return Kubernetes.AddAsync(controller.Build(Services));
    }

    /// <summary>An object, once it is there and as it should be.</summary>
    /// <param name="key">The object, such as <c>default/lunch</c>.</param>
    /// <param name="that">What it must look like.</param>
    /// <exception cref="KubeExpectationException">It does not come to that; the message shows how it is.</exception>
    public async Task<T> UntilAsync<T>(string key, Func<T, bool>? that = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (client, name) = ClientOf<T>(key);
        using var patience = new CancellationTokenSource(_options.Patience);
        try
        {
            return (await client.UntilAsync(name, seen => that is null || that(seen.As<T>()), patience.Token).ConfigureAwait(false)).As<T>();
        }
        catch (OperationCanceledException)
        {
            throw new KubeExpectationException($"{typeof(T).Name} {key} is not as expected after {_options.Patience.TotalSeconds:0} s: {await HowItIs(client, name).ConfigureAwait(false)}");
        }
    }

    /// <summary>Ends once an object is gone.</summary>
    /// <exception cref="KubeExpectationException">It stays.</exception>
    public async Task UntilGoneAsync<T>(string key)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (client, name) = ClientOf<T>(key);
        using var patience = new CancellationTokenSource(_options.Patience);
        try
        {
            await client.UntilDeletedAsync(name, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new KubeExpectationException($"{typeof(T).Name} {key} is not gone after {_options.Patience.TotalSeconds:0} s: {await HowItIs(client, name).ConfigureAwait(false)}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var stoppedItself = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
        var stop = StopAsync();
        if (_options.VirtualTime)
            await LetTimePassAsync(stop).ConfigureAwait(false);
        await stop.ConfigureAwait(false);
        // A host whose controller could not start says so with its process's exit code; this process is the test's. Another fixture's is its own to take back.
        if (stoppedItself)
            Environment.ExitCode = _exitCode;
        _host.Dispose();
        await _controllers.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
        await _clusters.DisposeAsync().ConfigureAwait(false);
        await _kubelet.DisposeAsync().ConfigureAwait(false);
        _reactors.Dispose();
        await Server.DisposeAsync().ConfigureAwait(false);
    }

    async Task StopAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync().ConfigureAwait(false);
        await _host.StopAsync().ConfigureAwait(false);
    }

    // What a test left hanging is told to leave at a time that only comes if somebody lets it.
    async Task LetTimePassAsync(Task stop)
    {
        Work.Leave();
        using var stopped = new CancellationTokenSource();
        while (await Task.WhenAny(stop, Work.IdleAsync(stopped.Token)).ConfigureAwait(false) != stop)
            Work.Advance(TimeSpan.FromSeconds(1));
        await stopped.CancelAsync().ConfigureAwait(false);
    }

    // ---- behind the scenes ----

    KubernetesClient ClientThrough(HttpMessageHandler handler, string? userAgent = null) => new(
        // JSON, so that faults and the probe can look into what passes.
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1, WireFormat = WireFormat.Json, UserAgent = userAgent },
        new KubernetesClientOptions { Handler = handler, Time = Time });

    async Task<HttpResponseMessage> RecordAsync(ApiCall call, Func<Task<HttpResponseMessage>> pass)
    {
        var answer = await pass().ConfigureAwait(false);
        if (answer.IsSuccessStatusCode && call.Resource.Length > 0 && call.Verb is "create" or "update" or "patch" or "delete" or "deletecollection")
        {
            var written = TryParse(await answer.Content.ReadAsByteArrayAsync(call.Cancellation).ConfigureAwait(false));
            var key = written?.Key ?? new NamespacedName(call.Namespace, call.Name);
            Probe.Saw(new WriteSeen(call.Verb, call.Group, call.Resource, call.Subresource, key, written));
        }
        return answer;
    }

    // A deletion may be answered with a Status, which is no object.
    static KubeObject? TryParse(byte[] answer)
    {
        try
        {
            return KubeObject.Parse(answer, KubeObjectOptions.Everything) is { Kind: not "Status" } written ? written : null;
        }
        catch (KubeFormatException)
        {
            return null;
        }
    }

    (IResourceClient Client, string Name) ClientOf<T>(string key)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var parts = key.Split('/', 2);
        return (Client.Resource(ResourceDefinition.For<T>(), parts.Length == 2 ? parts[0] : null), parts[^1]);
    }

    static async Task<string> HowItIs(IResourceClient client, string name)
    {
        try
        {
            return (await client.GetAsync(name).ConfigureAwait(false)).ToJson();
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return "it is not there";
        }
    }

    /// <summary>Passes on what the runtime does.</summary>
    sealed class Observer(Func<ActorKubeFixture?> fixture) : IRuntimeObserver
    {
        public Troubles Troubles { get; } = new();

        public IReconcileWitness? Reconciling(string controller, NamespacedName key) => fixture() is { } kube ? ((IRuntimeObserver)kube.Work).Reconciling(controller, key) : null;

        public void Reconciled(ReconcileEnded ended) => fixture()?.Probe.Saw(ended);

        public void Troubled(CacheSpec cache, Streams.ReflectorTrouble trouble) => Troubles.Happened();
    }

    /// <summary>Counts what the cluster's own controllers do, and tells the probe nothing of it.</summary>
    sealed class Unseen(OutstandingWork work, Troubles troubles) : IRuntimeObserver
    {
        public IReconcileWitness? Reconciling(string controller, NamespacedName key) => ((IRuntimeObserver)work).Reconciling(controller, key);

        public void Troubled(CacheSpec cache, Streams.ReflectorTrouble trouble) => troubles.Happened();
    }

    /// <summary>The test decides when all ends; signals are the test runner's.</summary>
    sealed class TestsLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
