using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>Finalizers against a server in this process: what is made outside is cleaned up, whatever fails.</summary>
public sealed class FinalizerFlowTests : IAsyncLifetime
{
    static readonly ResourceDefinition Maps = ResourceDefinition.For<V1ConfigMap>();

    readonly Unreliable _line = new();
    EmbeddedApiServer _server = null!;
    KubernetesClient _client = null!;
    KubernetesClient _observer = null!;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        _line.InnerHandler = _server.CreateHandler();
        _client = Client(_line);
        _observer = Client(_server.CreateHandler());
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _observer.DisposeAsync();
        await _server.DisposeAsync();
    }

    static KubernetesClient Client(HttpMessageHandler handler) => new(
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 }, new KubernetesClientOptions { Handler = handler });

    IResourceClient<V1ConfigMap> Objects => _observer.Resource<V1ConfigMap>("default");

    async Task<KubeObject?> Get(string name)
    {
        try
        {
            return await _observer.Resource(Maps, "default").GetAsync(name);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    Task<V1ConfigMap> Create(string name, params string[] finalizers) =>
        Objects.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Finalizers = finalizers.Length == 0 ? null : finalizers } });

    ReconcileRun Run(string name, KubeObject? seen) =>
        new(new NamespacedName("default", name), seen, 1, "run", _client, NoEvents.Instance, NullLogger.Instance, TimeProvider.System, [], new WriteLog(new RunFence()), []);

    static FinalizerSpec Finalizer(string name, Func<ReconcileRun, Task<ReconcileResult>> cleanUp) => new(name, (run, _) => cleanUp(run));

    static ReconcileHandler Wrap(Func<ReconcileRun, Task<ReconcileResult>> reconcile, params FinalizerSpec[] finalizers) => FinalizerFlow.Wrap(finalizers, Maps, (run, _) => reconcile(run));

    static Task<ReconcileResult> Done => Task.FromResult(ReconcileResult.Done);

    [Fact]
    public async Task Finalizer_is_on_the_server_before_the_reconciler_is_called_and_others_stay()
    {
        await Create("a", "others.example.com/x");
        var seen = new List<string>();
        var handler = Wrap(
            async run =>
            {
                seen.AddRange((await Get("a"))!.Finalizers);
                Assert.Equal(seen, run.Object!.Finalizers);
                return ReconcileResult.Done;
            },
            Finalizer("example.com/bucket", _ => Done));
        await handler(Run("a", await Get("a")), default);
        Assert.Equal(["others.example.com/x", "example.com/bucket"], seen);
    }

    [Fact]
    public async Task Object_that_is_asked_to_go_is_cleaned_up_after_and_not_reconciled_and_goes_when_all_is_done()
    {
        await Create("a", "example.com/one", "example.com/two");
        await Objects.DeleteAsync("a");
        var log = new List<string>();
        var oneIsDone = false;
        var handler = Wrap(
            _ => throw new InvalidOperationException("It is going."),
            Finalizer("example.com/one", _ =>
            {
                log.Add("one");
                return Task.FromResult(oneIsDone ? ReconcileResult.Done : ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(7)));
            }),
            Finalizer("example.com/two", _ =>
            {
                log.Add("two");
                return Done;
            }),
            Finalizer("example.com/never-added", _ => throw new InvalidOperationException("It never was ours.")));
        Assert.Equal(TimeSpan.FromSeconds(7), (await handler(Run("a", await Get("a")), default)).After);
        Assert.Equal(["example.com/one", "example.com/two"], (await Get("a"))!.Finalizers);
        oneIsDone = true;
        Assert.Equal(ReconcileResult.Done, await handler(Run("a", await Get("a")), default));
        Assert.Equal(["one", "one", "two"], log);
        Assert.Null(await Get("a"));
    }

    [Fact]
    public async Task Decision_on_a_state_that_is_not_the_newest_is_refused_and_harms_nobody()
    {
        await Create("a");
        var old = await Get("a");
        var map = await Objects.GetAsync("a");
        map.Metadata.Finalizers = ["others.example.com/x"];
        await Objects.UpdateAsync(map);
        var handler = Wrap(_ => Done, Finalizer("example.com/bucket", _ => Done));
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => handler(Run("a", old), default))).IsConflict);
        Assert.Equal(["others.example.com/x"], (await Get("a"))!.Finalizers);
    }

    [Fact]
    public async Task What_is_written_is_written_to_the_very_object_that_was_decided_on()
    {
        await Create("a");
        var decided = (await Get("a"))!;
        await Wrap(_ => Done, Finalizer("example.com/bucket", _ => Done))(Run("a", decided), default);
        Assert.Equal($$$"""{"metadata":{"uid":"{{{decided.Uid}}}","resourceVersion":"{{{decided.ResourceVersion}}}","finalizers":["example.com/bucket"]}}""", _line.LastPatch);
    }

    /// <summary>A server answers to the change that lets an object go with the version that it had, which every cache has seen already.</summary>
    [Fact]
    public async Task What_is_waited_for_after_the_last_finalizer_is_that_the_object_is_gone()
    {
        await Create("a");
        var handler = Wrap(_ => Done, Finalizer("example.com/one", _ => Done), Finalizer("example.com/two", _ => Done));
        await handler(Run("a", await Get("a")), default);
        await Objects.DeleteAsync("a");
        var going = (await Get("a"))!;
        var run = Run("a", going);
        await handler(run, default);
        var write = Assert.Single(run.Writes.Taken(), w => w.Key.Name == "a");
        Assert.Equal(("", going.Uid), (write.ResourceVersion, write.Uid));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(30, false)]
    public async Task Pod_that_has_time_to_end_is_not_waited_for_to_be_gone(int grace, bool waited)
    {
        var pods = _observer.Resource<V1Pod>("default");
        await pods.CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "a", Finalizers = ["example.com/one"] },
            Spec = new V1PodSpec { NodeName = "somewhere", Containers = [new V1Container { Name = "c", Image = "i" }] },
        });
        await pods.DeleteAsync("a", new DeleteOptions { GracePeriodSeconds = grace });
        var definition = ResourceDefinition.For<V1Pod>();
        var run = Run("a", await _observer.Resource(definition, "default").GetAsync("a"));
        await FinalizerFlow.Wrap([Finalizer("example.com/one", _ => Done)], definition, (_, _) => Done)(run, default);
        Assert.Equal(waited, run.Writes.Taken().Any(w => w.ResourceVersion.Length == 0));
    }

    [Theory]
    [InlineData("bucket")]
    [InlineData("/bucket")]
    [InlineData("example.com/")]
    [InlineData("example.com/a/b")]
    [InlineData("example.com/a b")]
    public void Name_without_a_domain_is_refused(string name) =>
        Assert.Contains("domain/name", Assert.Throws<ArgumentException>(() => Wrap(_ => Done, Finalizer(name, _ => Done))).Message);

    [Fact]
    public void Predicates_cannot_hide_that_an_object_is_asked_to_go()
    {
        var spec = new ControllerBuilder<V1ConfigMap>().When(Predicates.GenerationChanged).WithFinalizer("example.com/bucket", (_, _) => Done).WithReconciler((_, _) => Done).Build();
        static KubeObject Map(int version, string more) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"u","resourceVersion":"{{{version}}}"{{{more}}}}}"""));
        var going = Map(2, ""","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["example.com/bucket"]""");
        Assert.Single(spec.Watches[0].KeysOf(new CacheChange.Modified(Map(1, ""), going)));
        Assert.Empty(spec.Watches[0].KeysOf(new CacheChange.Modified(Map(1, ""), Map(3, ""))));
    }

    /// <summary>
    /// Objects come and go; the controller's view of each is now and then an old one; requests fail before they arrive and after; cleaning up and making fail halfway; and the
    /// process dies and forgets all it knew. At no moment is there something outside whose object is gone.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Nothing_outside_ever_outlives_its_object_whatever_fails(int seed)
    {
        var random = new Random(seed);
        var outside = new HashSet<string>();
        var alsoOutside = new HashSet<string>();
        var cleanups = 0;
        void Stumble()
        {
            if (random.Next(6) == 0)
                throw new IOException("stumbled");
        }
        var handler = Wrap(
            run =>
            {
                if (run.Object is not { } item)
                    return Done;
                Stumble();
                outside.Add(item.Uid);
                Stumble();
                alsoOutside.Add(item.Uid);
                return Done;
            },
            Finalizer("example.com/one", run =>
            {
                Stumble();
                outside.Remove(run.Object!.Uid);
                cleanups++;
                Stumble();
                return Done;
            }),
            Finalizer("example.com/two", run =>
            {
                Stumble();
                alsoOutside.Remove(run.Object!.Uid);
                return Done;
            }));
        string[] names = ["a", "b", "c", "d", "e"];
        var seen = new Dictionary<string, KubeObject?>();
        async Task Step(string name)
        {
            try
            {
                await handler(Run(name, seen.GetValueOrDefault(name)), default);
                // What a run wrote is seen before the next.
                seen[name] = await Get(name);
            }
            catch (Exception error) when (error is IOException or TimeoutException or KubernetesException)
            {
            }
        }

        for (var step = 0; step < 500; step++)
        {
            _line.FailureRate = 0.15;
            _line.Random = random;
            var name = names[random.Next(names.Length)];
            switch (random.Next(10))
            {
                case 0:
                    if (await Get(name) is null)
                        await Create(name);
                    break;
                case 1:
                    if (await Get(name) is not null)
                        await Objects.DeleteAsync(name);
                    break;
                case 2:
                    // The process dies; the next one begins with a fresh list.
                    foreach (var each in names)
                        seen[each] = await Get(each);
                    break;
                case 3 or 4:
                    seen[name] = await Get(name);
                    break;
                default:
                    await Step(name);
                    break;
            }
            var there = (await Objects.ListAsync()).Items.Select(m => m.Metadata.Uid).ToHashSet();
            Assert.True(outside.IsSubsetOf(there) && alsoOutside.IsSubsetOf(there), $"Step {step} of seed {seed} left something behind.");
        }
        _line.FailureRate = 0;
        for (var round = 0; round < 100; round++)
        {
            foreach (var name in names)
            {
                seen[name] = await Get(name);
                await Step(name);
            }
        }
        var left = (await Objects.ListAsync()).Items.Where(m => names.Contains(m.Metadata.Name)).ToArray();
        Assert.All(left, m => Assert.Null(m.Metadata.DeletionTimestamp));
        Assert.Equal(left.Select(m => m.Metadata.Uid).Order(), outside.Order());
        Assert.True(cleanups > 10, "The test has lost its teeth.");
    }

    /// <summary>Loses requests on the way there, and answers on the way back.</summary>
    sealed class Unreliable : DelegatingHandler
    {
        public double FailureRate { get; set; }

        public Random Random { get; set; } = new(0);

        /// <summary>What was last asked to be changed.</summary>
        public string LastPatch { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Random.NextDouble() < FailureRate)
                throw new TimeoutException("lost on the way there");
            if (request.Method == HttpMethod.Patch)
                LastPatch = await request.Content!.ReadAsStringAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            if (Random.NextDouble() >= FailureRate)
                return answer;
            answer.Dispose();
            throw new TimeoutException("lost on the way back");
        }
    }
}
