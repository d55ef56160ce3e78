namespace Cnat;

/// <summary>The types of <c>status.conditions</c>; a condition is only written once there is something to complain of.</summary>
public static class AtCondition
{
    /// <summary>False while <c>spec.schedule</c> cannot be read.</summary>
    public const string ScheduleValid = "ScheduleValid";

    /// <summary>False while the pod's name is taken by a pod that is not the At's.</summary>
    public const string PodAvailable = "PodAvailable";
}
