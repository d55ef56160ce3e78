using ActorKube.Models;
using k8s.Models;

namespace Cnat;

/// <summary>What an At needs next. Decided here, in one place and without any server, for all three ways of running cnat.</summary>
public abstract record AtStep
{
    AtStep()
    {
    }

    /// <summary>Nothing until something changes.</summary>
    public sealed record Rest : AtStep;

    /// <summary>Nothing for a time, then another look.</summary>
    public sealed record Wait(TimeSpan For) : AtStep;

    /// <summary>Another phase.</summary>
    public sealed record Enter(string Phase, string Because) : AtStep;

    /// <summary>Its pod.</summary>
    public sealed record CreatePod : AtStep;

    /// <summary>A condition that says what is wrong, or that it is wrong no more; with another look after a time where nobody will tell of a change.</summary>
    public sealed record Say(string Condition, bool Holds, string Reason, string Message, TimeSpan? LookAgain = null) : AtStep;

    // A pod that is not ours brings us no event when it goes, so a name it holds is looked at again after this time.
    static readonly TimeSpan TakenNameRetry = TimeSpan.FromSeconds(30);

    /// <summary>Decides.</summary>
    /// <param name="at">The At; null where it is gone.</param>
    /// <param name="pod">The pod of its pod's name; null where there is none.</param>
    /// <param name="now">The time.</param>
    public static AtStep Next(At? at, V1Pod? pod, DateTimeOffset now) => at switch
    {
        // Gone or going: its pod goes with it, the garbage collector sees to that.
        null or { Metadata.DeletionTimestamp: not null } => new Rest(),
        { Status: null or { Phase: null or "" or AtPhase.Pending } } => WhilePending(at, now),
        { Status.Phase: AtPhase.Running } => WhileRunning(at, pod),
        _ => new Rest(),
    };

    static AtStep WhilePending(At at, DateTimeOffset now)
    {
        if (!Schedule.TryParse(at.Spec?.Schedule, out var due, out var problem))
            return new Say(AtCondition.ScheduleValid, false, "InvalidSchedule", problem);
        if (at.Status?.Conditions.IsStatusConditionFalse(AtCondition.ScheduleValid) is true)
            return new Say(AtCondition.ScheduleValid, true, "Parsed", $"the schedule is {Schedule.Write(due)}");
        return due > now ? new Wait(due - now) : new Enter(AtPhase.Running, $"was due at {Schedule.Write(due)}");
    }

    static AtStep WhileRunning(At at, V1Pod? pod)
    {
        if (pod is null)
            return new CreatePod();
        if (!pod.IsControlledBy(at))
            return new Say(AtCondition.PodAvailable, false, "NameTaken", $"pod '{pod.Metadata.Name}' is not controlled by this At: delete it, or give the At another name", TakenNameRetry);
        if (at.Status?.Conditions.IsStatusConditionFalse(AtCondition.PodAvailable) is true)
            return new Say(AtCondition.PodAvailable, true, "Created", $"pod '{pod.Metadata.Name}' is controlled by this At");
        return pod.Status?.Phase is "Succeeded" or "Failed" ? new Enter(AtPhase.Done, $"pod {pod.Metadata.Name} {pod.Status.Phase.ToLowerInvariant()}") : new Rest();
    }
}
