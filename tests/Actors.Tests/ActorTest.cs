using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Testing;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>An actor system on virtual time, with reflectors whose servers are in the test's hands.</summary>
public abstract class ActorTest : TestKit
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly Dictionary<CacheSpec, FakeListWatch> _servers = [];
    IActorRef? _reflectors;

    protected ActorTest() : base(OutstandingWork.VirtualTimeConfiguration)
    {
        Options = new KubernetesOptions
        {
            ListAndWatch = new ListAndWatchSettings { StreamInitialEvents = false, Backoff = new BackoffPolicy { Jitter = 0 } },
            OnTrouble = (_, trouble) =>
            {
                lock (_lock)
                    Troubles.Add(trouble);
            },
        };
    }

    /// <summary>The reflectors' numbers; to be changed before the first cache is asked for.</summary>
    protected KubernetesOptions Options { get; set; }

    internal RuntimeHealth Health { get; } = new();

    internal List<ReflectorTrouble> Troubles { get; } = [];

    protected TestScheduler Time => (TestScheduler)Sys.Scheduler;

    protected IActorRef Reflectors => _reflectors ??= Sys.ActorOf(
        ReflectorsActor.Props(
            Server,
            Options,
            Health,
            NullLoggerFactory.Instance),
        "reflectors");

    protected static CacheSpec Pods { get; } = CacheSpec.Of<V1Pod>();

    protected FakeListWatch Server(CacheSpec spec)
    {
        lock (_lock)
        {
            if (!_servers.TryGetValue(spec, out var server))
                _servers.Add(spec, server = new FakeListWatch(spec.Resource, spec.Namespace));
            return server;
        }
    }

    protected Task<ObjectCache> Acquire(CacheSpec spec, IActorRef asker, params CacheIndex[] indexes) =>
        Reflectors.Ask<ObjectCache>(new ReflectorsActor.Acquire(spec, asker, indexes), Patience);

    /// <summary>Answers the first list and hands out the watch after it.</summary>
    protected async Task<FakeWatch> Sync(CacheSpec spec, int version, params IReadOnlyList<KubeObject> objects)
    {
        (await Server(spec).NextList()).Answer(version, objects);
        return await Server(spec).NextWatch();
    }

    /// <summary>Ends when a cache has applied a version and its subscribers were told.</summary>
    protected async Task Applied(CacheSpec spec, int version)
    {
        var cache = await Acquire(spec, TestActor);
        var anything = new ObjectWrite(spec.Resource, new NamespacedName("", ""), version.ToString(System.Globalization.CultureInfo.InvariantCulture), "");
        await cache.Actor.Ask<ObjectCache.Seen>(new ObjectCache.WhenSeen("applied", anything), Patience);
    }

    /// <summary>All that goes on at this moment, counted.</summary>
    protected OutstandingWork Work => OutstandingWork.Of(Sys);

    /// <summary>Something has happened once all the work of this moment is done.</summary>
    protected async Task Until(Func<bool> holds)
    {
        await Work.IdleAsync();
        Assert.True(holds(), "All work is done, and what was waited for did not happen.");
    }

    /// <summary>Something happens when so much virtual time has passed, and not a millisecond before.</summary>
    protected async Task Pass(TimeSpan time, Func<bool> happened)
    {
        var last = TimeSpan.FromMilliseconds(1);
        await PassQuietly(time - last, happened);
        await Work.AdvanceAsync(last);
        Assert.True(happened(), $"It did not happen within {time} of virtual time.");
    }

    /// <summary>Lets virtual time pass in which something must not happen.</summary>
    protected async Task PassQuietly(TimeSpan time, Func<bool> happened)
    {
        await Work.IdleAsync();
        Assert.False(happened(), "It happened before any time had passed.");
        await Work.AdvanceAsync(time);
        Assert.False(happened(), $"It happened within {time}, and should not have.");
    }
}
