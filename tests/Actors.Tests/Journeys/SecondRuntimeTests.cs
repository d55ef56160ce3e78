using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Tests.Shared;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>Several runtimes in one actor system, and one whose reconciles have a clock of their own.</summary>
public sealed class SecondRuntimeTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly ActorSystem _system = ActorSystem.Create("two");
    EmbeddedApiServer _server = null!;
    KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 }, new KubernetesClientOptions { Handler = _server.CreateHandler() });
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    static V1ConfigMap Map(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" } };

    static ControllerSpec Watching(Seen seen, string name) => new ControllerBuilder<V1ConfigMap>().Named(name).InNamespace("default").WithReconciler((context, _) =>
    {
        seen.Add($"{name} {context.Key.Name}");
        return Task.FromResult(ReconcileResult.Done);
    }).Build();

    [Fact]
    public async Task A_second_runtime_works_beside_the_first_and_ends_without_it()
    {
        var seen = new Seen();
        var first = _system.AddKubernetes(_client);
        var second = _system.StartKubernetes("second", _client);
        await first.AddAsync(Watching(seen, "one"));
        await second.AddAsync(Watching(seen, "two"));
        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("a"));
        await seen.Until("one a", "two a");
        Assert.Same(first, _system.Kubernetes());

        await second.StopAsync().WaitAsync(Patience);
        await second.StopAsync().WaitAsync(Patience);

        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("b"));
        await seen.Until("one b");
        Assert.False(seen.Has("two b"));
        // Its name is free again.
        await _system.StartKubernetes("second", _client).AddAsync(Watching(seen, "two"));
        await seen.Until("two b");
    }

    [Fact]
    public async Task What_a_reconcile_asks_for_comes_when_the_clock_of_reconciles_says_so()
    {
        var seen = new Seen();
        var clock = new HeldClock();
        var kubernetes = _system.StartKubernetes("timed", _client, new KubernetesOptions { Time = clock });
        await kubernetes.AddAsync(new ControllerBuilder<V1ConfigMap>().Selecting(fieldSelector: "metadata.name=a").WithReconciler((context, _) =>
        {
            seen.Add($"{context.Time.GetUtcNow():HH:mm}");
            return Task.FromResult(ReconcileResult.RequeueAfter(TimeSpan.FromHours(1)));
        }).Build());
        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("a"));
        await seen.Until("12:00");

        await clock.ArmedAsync(TimeSpan.FromHours(1)).WaitAsync(Patience);
        clock.Advance(TimeSpan.FromHours(1));

        await seen.Until("13:00");
    }

    /// <summary>What reconcilers saw.</summary>
    sealed class Seen
    {
        readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> _all = new();
        readonly News _news = new();

        public void Add(string one)
        {
            _all[one] = true;
            _news.Happened();
        }

        public bool Has(string one) => _all.ContainsKey(one);

        public async Task Until(params string[] all)
        {
            using var patience = new CancellationTokenSource(Patience);
            await _news.UntilAsync(() => Array.TrueForAll(all, Has), patience.Token);
        }
    }

    /// <summary>Noon, until the test says otherwise.</summary>
    sealed class HeldClock : TimeProvider
    {
        readonly Lock _lock = new();
        readonly List<Held> _timers = [];
        readonly List<(TimeSpan Due, TaskCompletionSource Armed)> _waiting = [];
        DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                var timer = new Held(this, () => callback(state), dueTime);
                _timers.Add(timer);
                _waiting.RemoveAll(w => w.Due == dueTime && w.Armed.TrySetResult());
                return timer;
            }
        }

        public Task ArmedAsync(TimeSpan due)
        {
            lock (_lock)
            {
                var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_timers.Exists(t => t.Due == due))
                    armed.SetResult();
                else
                    _waiting.Add((due, armed));
                return armed.Task;
            }
        }

        public void Advance(TimeSpan by)
        {
            Held[] due;
            lock (_lock)
            {
                _now += by;
                due = [.. _timers.Where(t => t.Due <= by)];
                _timers.RemoveAll(t => t.Due <= by);
            }
            foreach (var timer in due)
                timer.Fire();
        }

        sealed class Held(HeldClock clock, Action fire, TimeSpan due) : ITimer
        {
            public TimeSpan Due => due;

            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
                lock (clock._lock)
                    clock._timers.Remove(this);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
