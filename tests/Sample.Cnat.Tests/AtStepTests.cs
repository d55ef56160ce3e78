using ActorKube.Models;
using k8s.Models;

namespace Cnat.Tests;

/// <summary>What an At needs next, decided without a server.</summary>
public sealed class AtStepTests
{
    static readonly DateTimeOffset Noon = new(2027, 3, 31, 12, 0, 0, TimeSpan.Zero);

    static At At(string phase = "", string schedule = "2027-03-31T12:00:00Z", string? complaint = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "lunch", NamespaceProperty = "default", Uid = "u-1" },
        Spec = new AtSpec { Schedule = schedule, Command = "true" },
        Status = new AtStatus { Phase = phase, Conditions = complaint is null ? null : [new V1Condition { Type = complaint, Status = Conditions.False }] },
    };

    static V1Pod Pod(At? owner, string phase = "Running")
    {
        var pod = AtPod.For(owner ?? At());
        if (owner is null)
            pod.Metadata.OwnerReferences = null;
        pod.Status = new V1PodStatus { Phase = phase };
        return pod;
    }

    [Fact]
    public void Before_its_time_it_waits_for_just_as_long() =>
        Assert.Equal(new AtStep.Wait(TimeSpan.FromMinutes(30)), AtStep.Next(At(schedule: "2027-03-31T12:30:00Z"), null, Noon));

    [Fact]
    public void At_its_time_it_begins_to_run() => Assert.Equal(AtPhase.Running, Assert.IsType<AtStep.Enter>(AtStep.Next(At(), null, Noon)).Phase);

    [Fact]
    public void Running_it_needs_a_pod_and_then_rests()
    {
        var at = At(AtPhase.Running);
        Assert.IsType<AtStep.CreatePod>(AtStep.Next(at, null, Noon));
        Assert.IsType<AtStep.Rest>(AtStep.Next(at, Pod(at), Noon));
        Assert.Equal(AtPhase.Done, Assert.IsType<AtStep.Enter>(AtStep.Next(at, Pod(at, "Failed"), Noon)).Phase);
    }

    [Fact]
    public void A_pod_of_somebody_else_is_complained_of_and_looked_at_again()
    {
        var say = Assert.IsType<AtStep.Say>(AtStep.Next(At(AtPhase.Running), Pod(null, "Succeeded"), Noon));
        Assert.Equal((AtCondition.PodAvailable, false, TimeSpan.FromSeconds(30)), (say.Condition, say.Holds, say.LookAgain));
    }

    [Theory]
    [InlineData("", AtCondition.ScheduleValid)]
    [InlineData(AtPhase.Running, AtCondition.PodAvailable)]
    public void A_complaint_is_taken_back_when_its_reason_is_gone(string phase, string complaint)
    {
        var at = At(phase, complaint: complaint);
        var say = Assert.IsType<AtStep.Say>(AtStep.Next(at, Pod(at), Noon));
        Assert.Equal((complaint, true), (say.Condition, say.Holds));
    }

    [Fact]
    public void What_is_gone_going_or_done_needs_nothing()
    {
        Assert.IsType<AtStep.Rest>(AtStep.Next(null, null, Noon));
        Assert.IsType<AtStep.Rest>(AtStep.Next(At(AtPhase.Done), null, Noon));
        var going = At();
        going.Metadata.DeletionTimestamp = Noon.UtcDateTime;
        Assert.IsType<AtStep.Rest>(AtStep.Next(going, null, Noon));
    }
}
