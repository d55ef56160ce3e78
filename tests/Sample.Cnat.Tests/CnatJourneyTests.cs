using ActorKube.ControllerManager;
using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using k8s.Models;

namespace Cnat.Tests;

/// <summary>What cnat promises, whichever way it is written: one list of journeys for all three flavours, on an API server in this process and a time that the test moves.</summary>
public abstract class CnatJourneyTests(CnatFlavour flavour) : IAsyncLifetime
{
    ActorKubeFixture _kube = null!;

    public async Task InitializeAsync() => _kube = await ActorKubeFixture.StartAsync(
        akka => akka.WithCnat(flavour),
        new ActorKubeFixtureOptions { Definitions = [AtDefinition.Load()], Controllers = ClusterControllersOptions.None with { GarbageCollector = true } });

    public Task DisposeAsync() => _kube.DisposeAsync().AsTask();

    string InAnHour => Schedule.Write(_kube.Now.AddHours(1));

    string AnHourAgo => Schedule.Write(_kube.Now.AddHours(-1));

    Task<At> CreateAsync(string name, string schedule) => _kube.Client.Resource<At>("default").CreateAsync(
        new At { Metadata = new V1ObjectMeta { Name = name }, Spec = new AtSpec { Schedule = schedule, Command = "echo YAY" } });

    async Task EndAsync(V1Pod pod, string phase)
    {
        pod.Status = new V1PodStatus { Phase = phase };
        await _kube.Client.Resource<V1Pod>("default").UpdateStatusAsync(pod);
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public async Task An_overdue_At_runs_in_a_pod_and_is_done_when_the_pod_has_ended(string end)
    {
        await CreateAsync("lunch", AnHourAgo);
        await _kube.Probe.ExpectWriteAsync<At>("default/lunch", that: at => at.Status?.Phase == AtPhase.Running);
        var pod = await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        Assert.True(pod.IsControlledBy(await _kube.UntilAsync<At>("default/lunch")));

        await EndAsync(pod, end);
        await _kube.Probe.ExpectWriteAsync<At>("default/lunch", that: at => at.Status?.Phase == AtPhase.Done);
        await _kube.Probe.ExpectNoWriteAsync<V1Pod>();
    }

    [Fact]
    public async Task An_At_waits_for_its_time_and_then_runs()
    {
        await CreateAsync("lunch", InAnHour);
        await _kube.AdvanceAsync(TimeSpan.FromMinutes(59));
        await _kube.Probe.ExpectNoWriteAsync<At>();
        await _kube.Probe.ExpectNoWriteAsync<V1Pod>();

        await _kube.AdvanceAsync(TimeSpan.FromMinutes(1));
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
    }

    [Fact]
    public async Task A_schedule_that_is_put_off_puts_the_run_off()
    {
        await CreateAsync("lunch", InAnHour);
        await _kube.SettleAsync();
        await _kube.Client.Resource<At>("default").PatchAsync("lunch", Patch.Merge($$$"""{"spec":{"schedule":"{{{Schedule.Write(_kube.Now.AddHours(2))}}}"}}"""));
        await _kube.AdvanceAsync(TimeSpan.FromMinutes(90));
        await _kube.Probe.ExpectNoWriteAsync<V1Pod>();
        await _kube.AdvanceAsync(TimeSpan.FromMinutes(30));
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
    }

    [Fact]
    public async Task A_lost_pod_is_made_again()
    {
        await CreateAsync("lunch", AnHourAgo);
        var first = await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        await _kube.Client.Resource<V1Pod>("default").DeleteAsync("lunch-pod", new DeleteOptions { GracePeriodSeconds = 0 });
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create", pod => pod.Metadata.Uid != first.Metadata.Uid);
    }

    [Fact]
    public async Task The_pod_goes_with_its_At_and_stays_away()
    {
        await CreateAsync("lunch", AnHourAgo);
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        await _kube.Client.Resource<At>("default").DeleteAsync("lunch");
        await _kube.UntilGoneAsync<V1Pod>("default/lunch-pod");
        // Two caches have no common order: who hears first that the pod is gone makes it once more, for an owner that is no more, and the garbage collector takes that too.
        await _kube.SettleAsync();
        await _kube.UntilGoneAsync<V1Pod>("default/lunch-pod");
        await _kube.SettleAsync();
        _kube.Probe.Forget();
        await _kube.Probe.ExpectSilenceAsync("default/lunch", lasting: TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task An_At_that_comes_back_under_its_name_runs_again()
    {
        await CreateAsync("lunch", AnHourAgo);
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        await _kube.Client.Resource<At>("default").DeleteAsync("lunch");
        await _kube.UntilGoneAsync<V1Pod>("default/lunch-pod");
        await CreateAsync("lunch", AnHourAgo);
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
    }

    [Fact]
    public async Task A_pod_that_is_not_ours_is_neither_trusted_nor_touched_until_it_is_gone()
    {
        var pods = _kube.Client.Resource<V1Pod>("default");
        var foreign = await pods.CreateAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "lunch-pod" }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "x", Image = "x" }] } });
        await EndAsync(foreign, "Succeeded");
        await CreateAsync("lunch", AnHourAgo);
        var at = await _kube.Probe.ExpectWriteAsync<At>("default/lunch", that: at => at.Status!.Conditions.IsStatusConditionFalse(AtCondition.PodAvailable));
        Assert.Equal(AtPhase.Running, at.Status!.Phase);
        Assert.Contains("lunch-pod", at.Status.Conditions.FindStatusCondition(AtCondition.PodAvailable).Message, StringComparison.Ordinal);
        await _kube.Probe.ExpectNoWriteAsync<V1Pod>();

        // Nobody tells us that it goes: the name is looked at again every half minute.
        await pods.DeleteAsync("lunch-pod", new DeleteOptions { GracePeriodSeconds = 0 });
        await _kube.AdvanceAsync(TimeSpan.FromSeconds(30));
        await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        await _kube.Probe.ExpectWriteAsync<At>("default/lunch", that: at => at.Status!.Conditions.IsStatusConditionTrue(AtCondition.PodAvailable));
    }

    [Fact]
    public async Task A_schedule_that_does_not_parse_is_refused_once_and_recovers_when_corrected()
    {
        await CreateAsync("lunch", "tomorrow at noon");
        var at = await _kube.Probe.ExpectWriteAsync<At>("default/lunch");
        var condition = at.Status!.Conditions.FindStatusCondition(AtCondition.ScheduleValid);
        Assert.Equal((Conditions.False, "InvalidSchedule"), (condition.Status, condition.Reason));
        Assert.Contains(Schedule.Format, condition.Message, StringComparison.Ordinal);
        var told = await _kube.Probe.ExpectWriteAsync<Corev1Event>(verb: "create", that: e => e.Reason == "InvalidSchedule");
        Assert.Equal(("Warning", "lunch"), (told.Type, told.InvolvedObject.Name));
        Assert.Contains(Schedule.Format, told.Message, StringComparison.Ordinal);

        // Trying again would change nothing, and says nothing.
        await _kube.AdvanceAsync(TimeSpan.FromHours(1));
        await _kube.Probe.ExpectNoWriteAsync<At>();

        await _kube.Client.Resource<At>("default").PatchAsync("lunch", Patch.Merge($$$"""{"spec":{"schedule":"{{{AnHourAgo}}}"}}"""));
        await EndAsync(await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create"), "Succeeded");
        at = await _kube.UntilAsync<At>("default/lunch", at => at.Status?.Phase == AtPhase.Done);
        Assert.True(at.Status!.Conditions.IsStatusConditionTrue(AtCondition.ScheduleValid));
    }

    [Fact]
    public async Task A_server_that_refuses_for_a_while_and_a_watch_that_breaks_only_delay_it()
    {
        _kube.Faults.Fail("update", "ats/status", System.Net.HttpStatusCode.InternalServerError, times: 3);
        _kube.Faults.Break("create", "pods", times: 1);
        _kube.Faults.CutWatchAfter(1, "ats");
        await CreateAsync("lunch", AnHourAgo);
        await _kube.AdvanceAsync(TimeSpan.FromSeconds(30), step: TimeSpan.FromSeconds(1));
        await EndAsync(await _kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create"), "Succeeded");
        await _kube.UntilAsync<At>("default/lunch", at => at.Status?.Phase == AtPhase.Done);
        Assert.Single(_kube.Probe.Writes, write => write is { Resource: "pods", Verb: "create" });
    }

    [Fact]
    public async Task Many_Ats_each_get_one_pod()
    {
        for (var i = 0; i < 30; i++)
            await CreateAsync($"at-{i}", i % 2 == 0 ? AnHourAgo : InAnHour);
        await _kube.AdvanceAsync(TimeSpan.FromHours(1));
        await _kube.SettleAsync();
        var pods = _kube.Probe.Writes.Where(static write => write is { Resource: "pods", Verb: "create" }).Select(static write => write.Key.Name).ToArray();
        Assert.Empty(_kube.Probe.Reconciles.Where(static reconcile => reconcile.Error is not null).Select(static reconcile => $"{reconcile.Key}: {reconcile.Error}"));
        Assert.Equal(30, pods.Length);
        Assert.Equal(30, pods.Distinct().Count());
    }
}

/// <summary>The builder's way.</summary>
public sealed class BuilderJourneyTests() : CnatJourneyTests(CnatFlavour.Builder);

/// <summary>The informers' way.</summary>
public sealed class InformersJourneyTests() : CnatJourneyTests(CnatFlavour.Informers);

/// <summary>The actors' way.</summary>
public sealed class ActorsJourneyTests() : CnatJourneyTests(CnatFlavour.Actors);
