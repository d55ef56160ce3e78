using ActorKube.Streams;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.TestKit.Xunit2;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors.Tests;

/// <summary>What is said of a reflector's troubles, and how loudly.</summary>
public sealed class ReflectorMonitorTests() : TestKit(OutstandingWork.VirtualTimeConfiguration)
{
    readonly Lines _log = new();

    OutstandingWork Work => OutstandingWork.Of(Sys);

    sealed class Lines : ILogger
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Levels.Add(logLevel);
    }

    ReflectorMonitor Monitor(KubernetesOptions options)
    {
        var spec = CacheSpec.Of<V1Pod>();
        return new ReflectorMonitor(spec, new RuntimeHealth().Cache(spec, new CacheStore([])), _log, options, Work.Time);
    }

    static ReflectorTrouble Trouble(TroubleKind kind) => new(kind, "trouble", TimeSpan.Zero, Relists: false);

    [Fact]
    public async Task Same_trouble_again_is_said_aloud_once_in_a_while_and_another_at_once()
    {
        var monitor = Monitor(new KubernetesOptions { TroubleRepeat = TimeSpan.FromSeconds(30) });
        monitor.Troubled(Trouble(TroubleKind.Unreachable));
        await Work.AdvanceAsync(TimeSpan.FromSeconds(29));
        monitor.Troubled(Trouble(TroubleKind.Unreachable));
        await Work.AdvanceAsync(TimeSpan.FromSeconds(1));
        monitor.Troubled(Trouble(TroubleKind.Unreachable));
        monitor.Troubled(Trouble(TroubleKind.Forbidden));
        Assert.Equal([LogLevel.Warning, LogLevel.Debug, LogLevel.Warning, LogLevel.Warning], _log.Levels);
    }

    [Fact]
    public void What_belongs_to_a_watchs_life_is_no_warning()
    {
        var monitor = Monitor(new KubernetesOptions());
        monitor.Troubled(Trouble(TroubleKind.Expired));
        Assert.Equal([LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task Each_request_is_a_sign_of_life_although_nothing_may_come_of_it()
    {
        var spec = CacheSpec.Of<V1Pod>();
        var health = new RuntimeHealth();
        var cache = health.Cache(spec, new CacheStore([]));
        var metered = new MeteredListWatch(new FakeListWatch(spec.Resource), spec, health, Work.Time);
        _ = metered.ListAsync(new ListOptions(), CancellationToken.None);
        Assert.Equal(Work.Time.GetUtcNow(), cache.LastSign);
        await Work.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.NotEqual(Work.Time.GetUtcNow(), cache.LastSign);
        _ = metered.WatchAsync(new ListOptions(), CancellationToken.None);
        Assert.Equal(Work.Time.GetUtcNow(), cache.LastSign);
    }
}
