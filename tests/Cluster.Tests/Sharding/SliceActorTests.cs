using ActorKube.Actors;
using ActorKube.Testing;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Taken = ActorKube.Cluster.SliceTaken;

namespace ActorKube.Cluster.Tests.Sharding;

/// <summary>Who owns a slice, when, and what is said to the controller: message by message.</summary>
public sealed class SliceActorTests : ActorTest
{
    readonly TestProbe _runtime;
    readonly TestProbe _events;
    readonly TestProbe _watcher;
    readonly Waits _waits = new();

    public SliceActorTests()
    {
        _runtime = CreateTestProbe("runtime");
        _events = CreateTestProbe("events");
        _watcher = CreateTestProbe("watcher");
        Sys.EventStream.Subscribe(_events, typeof(Taken));
        Sys.EventStream.Subscribe(_events, typeof(SliceLeft));
    }

    IActorRef Start(Lease? lease = null)
    {
        var slice = Sys.ActorOf(SliceActor.Props(
            new SliceSettings("web", 7, Seconds(10), Seconds(5)),
            new SharedSliceWork(_runtime, "web", new KeySlice("7")),
            lease,
            _waits));
        _watcher.Watch(slice);
        return slice;
    }

    void ExpectTake() => Assert.Equal("7", Assert.IsType<ControllerActor.TakeSlice>(Said<ControllersActor.To>(_runtime).Message).Slice.Name);

    ControllerActor.LeaveSlice ExpectLeave() => Assert.IsType<ControllerActor.LeaveSlice>(Said<ControllersActor.To>(_runtime).Message);

    void Silence(TestProbe probe) => probe.ExpectNoMsg(TimeSpan.Zero);

    [Fact]
    public void Slice_is_taken_as_soon_as_the_cluster_starts_it_here()
    {
        Start();
        ExpectTake();
        Assert.Equal(new Taken("web", 7), Said<Taken>(_events));
    }

    [Fact]
    public void Hand_off_completes_only_when_the_controller_has_left_the_slice()
    {
        var slice = Start();
        ExpectTake();
        slice.Tell(SliceActor.HandOff.Instance);
        Assert.Equal(Seconds(10), ExpectLeave().Bound);
        Silence(_watcher);
        slice.Tell(new ControllerActor.SliceLeft("6", 0));
        Silence(_watcher);
        slice.Tell(new ControllerActor.SliceLeft("7", 0));
        _watcher.ExpectTerminated(slice, Patience);
        Said<Taken>(_events);
        Assert.Equal(new SliceLeft("web", 7), Said<SliceLeft>(_events));
    }

    [Fact]
    public void Hand_off_is_bounded_even_where_the_controller_never_answers()
    {
        var slice = Start();
        ExpectTake();
        slice.Tell(SliceActor.HandOff.Instance);
        ExpectLeave();
        Advance(slice, 12.9);
        Silence(_watcher);
        Advance(slice, 0.2);
        _watcher.ExpectTerminated(slice, Patience);
    }

    [Fact]
    public void Slice_that_is_stopped_without_a_hand_off_is_left_at_once()
    {
        var slice = Start();
        ExpectTake();
        Sys.Stop(slice);
        Assert.Equal(TimeSpan.Zero, ExpectLeave().Bound);
        _watcher.ExpectTerminated(slice, Patience);
    }

    [Fact]
    public void Slice_says_of_how_many_it_is_one_whatever_it_does_and_tells_its_node_of_those_who_think_otherwise()
    {
        var (node, asker) = (CreateTestProbe("node"), CreateTestProbe("asker"));
        var lease = new FakeLease();
        var slice = Sys.ActorOf(SliceActor.Props(new SliceSettings("web", 7, Seconds(10), Seconds(5), 64, node), new SharedSliceWork(_runtime, "web", new KeySlice("7")), lease, _waits));
        void Ask(int shards)
        {
            slice.Tell(new ShardsQuestion(shards), asker);
            Assert.Equal(new ShardsAnswer(7, 64), Said<ShardsAnswer>(asker));
        }

        lease.Acquiring(Patience);
        Ask(64);
        lease.Answer(true);
        ExpectTake();
        Ask(64);
        Silence(node);
        Ask(128);
        Assert.Equal(128, Said<OwnershipActor.Stranger>(node).Shards);
        slice.Tell(SliceActor.HandOff.Instance);
        ExpectLeave();
        Ask(64);
    }

    [Fact]
    public void Slice_with_a_lease_is_not_taken_before_the_lease_is_held()
    {
        var lease = new FakeLease();
        Start(lease);
        lease.Acquiring(Patience);
        Silence(_runtime);
        lease.Answer(true);
        ExpectTake();
    }

    [Fact]
    public void Slice_whose_lease_another_holds_waits_and_asks_again()
    {
        var lease = new FakeLease();
        var slice = Start(lease);
        lease.Acquiring(Patience);
        lease.Answer(false);
        ExpectRetry(slice, lease);
        lease.Fail(new LeaseException("no server"));
        ExpectRetry(slice, lease);
        Silence(_runtime);
        lease.Answer(true);
        ExpectTake();
    }

    [Fact]
    public void Slice_whose_lease_is_lost_is_cut_short_at_once_and_claimed_again()
    {
        var lease = new FakeLease();
        var slice = Start(lease);
        lease.Acquiring(Patience);
        lease.Answer(true);
        ExpectTake();
        lease.Lose();
        Assert.Equal(TimeSpan.Zero, ExpectLeave().Bound);
        Silence(_watcher);
        slice.Tell(new ControllerActor.SliceLeft("7", 1));
        lease.Acquiring(Patience);
        lease.Answer(true);
        ExpectTake();
    }

    [Fact]
    public void Lease_is_given_back_after_the_slice_is_left_and_before_the_hand_off_completes()
    {
        var lease = new FakeLease();
        var slice = Start(lease);
        lease.Acquiring(Patience);
        lease.Answer(true);
        ExpectTake();
        slice.Tell(SliceActor.HandOff.Instance);
        ExpectLeave();
        Assert.Equal(0, lease.Releases);
        slice.Tell(new ControllerActor.SliceLeft("7", 0));
        lease.Releasing(Patience);
        Silence(_watcher);
        lease.Released();
        _watcher.ExpectTerminated(slice, Patience);
    }

    [Fact]
    public void Slice_that_is_handed_off_while_it_waits_for_its_lease_takes_nothing()
    {
        var lease = new FakeLease();
        var slice = Start(lease);
        lease.Acquiring(Patience);
        slice.Tell(SliceActor.HandOff.Instance);
        Silence(_watcher);
        lease.Answer(true);
        lease.Releasing(Patience);
        lease.Released();
        _watcher.ExpectTerminated(slice, Patience);
        Silence(_runtime);
    }

    [Fact]
    public void Slice_with_a_controller_of_its_own_is_taken_when_that_is_there_and_left_when_it_is_gone()
    {
        var controller = new ControllerBuilder<k8s.Models.V1ConfigMap>().Named("web-7").WithReconciler((_, _) => Task.FromResult(ReconcileResult.Done)).Build();
        var slice = Sys.ActorOf(SliceActor.Props(new SliceSettings("web", 7, Seconds(10), Seconds(5)), new OwnSliceWork(_runtime, controller, new KeySlice("7")), null, NullLogger.Instance));
        _watcher.Watch(slice);
        Assert.Same(controller, Said<ControllersActor.Add>(_runtime).Spec);
        Silence(_runtime);
        slice.Tell(new ControllersActor.Added(null));
        ExpectTake();
        slice.Tell(SliceActor.HandOff.Instance);
        Assert.Equal(new ControllersActor.Remove("web-7", Seconds(10)), Said<ControllersActor.Remove>(_runtime));
        Silence(_watcher);
        slice.Tell(new ControllersActor.AllDrained());
        _watcher.ExpectTerminated(slice, Patience);
    }

    /// <summary>Time passes once the actor has handled all that it was sent, its timers set.</summary>
    void Advance(IActorRef slice, double seconds)
    {
        var probe = CreateTestProbe();
        slice.Tell(new Identify(0), probe);
        Said<ActorIdentity>(probe);
        Time.Advance(Seconds(seconds));
    }

    void ExpectRetry(IActorRef slice, FakeLease lease)
    {
        _waits.Expect(Patience);
        Advance(slice, 4.9);
        Assert.False(lease.TryAcquiring());
        Advance(slice, 0.1);
        lease.Acquiring(Patience);
    }

    /// <summary>Hears when a slice says that it waits: an answer reaches it on a thread of its own.</summary>
    sealed class Waits : ILogger
    {
        readonly SemaphoreSlim _said = new(0);

        public void Expect(TimeSpan patience) => Assert.True(_said.Wait(patience), "The slice does not say that it waits.");

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("waits for its lease", StringComparison.Ordinal))
                _said.Release();
        }
    }
}

/// <summary>A lease in a test's hands.</summary>
sealed class FakeLease() : Lease(new LeaseSettings("lease", "me", new TimeoutSettings(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(5)), Config.Empty))
{
    readonly SemaphoreSlim _acquiring = new(0);
    readonly SemaphoreSlim _releasing = new(0);
    TaskCompletionSource<bool> _acquire = new();
    TaskCompletionSource<bool> _release = new();
    Action<Exception?> _lost = static _ => { };
    int _releases;

    public int Releases => Volatile.Read(ref _releases);

    public bool TryAcquiring() => _acquiring.CurrentCount > 0;

    public void Acquiring(TimeSpan patience) => Assert.True(_acquiring.Wait(patience), "Nobody asked for the lease.");

    public void Releasing(TimeSpan patience) => Assert.True(_releasing.Wait(patience), "Nobody gave the lease back.");

    // Whoever waits for the answer has it when these return.
    public void Answer(bool holds) => Inline.Run(() => _acquire.SetResult(holds));

    public void Fail(Exception error) => Inline.Run(() => _acquire.SetException(error));

    public void Released() => Inline.Run(() => _release.SetResult(true));

    public void Lose() => _lost(null);

    public override Task<bool> Acquire() => Acquire(static _ => { });

    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback)
    {
        _lost = leaseLostCallback;
        _acquire = new TaskCompletionSource<bool>();
        _acquiring.Release();
        return _acquire.Task;
    }

    public override Task<bool> Release()
    {
        Interlocked.Increment(ref _releases);
        _release = new TaskCompletionSource<bool>();
        _releasing.Release();
        return _release.Task;
    }

    public override bool CheckLease() => true;
}
