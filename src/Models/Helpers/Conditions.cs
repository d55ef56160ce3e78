#nullable disable
using ActorKube.Models;

namespace k8s.Models;

/// <summary>Conditions of an object's status: apimachinery's <c>api/meta/conditions</c>. A condition is told apart by its type.</summary>
public static class Conditions
{
    /// <summary>The status of a condition that holds.</summary>
    public const string True = "True";

    /// <summary>The status of a condition that does not hold.</summary>
    public const string False = "False";

    /// <summary>The status of a condition of which nothing is known.</summary>
    public const string Unknown = "Unknown";

    /// <summary>
    /// Sets a condition. Its transition time changes only when its status does; the given time is used if there is one, and otherwise now.
    /// </summary>
    /// <param name="conditions">The conditions of a status; not null.</param>
    /// <param name="condition">The condition; kept as it is only if its type is new.</param>
    /// <param name="time">What tells the time.</param>
    /// <returns>Whether anything changed: if not, the status needs no update.</returns>
    /// <example><code>
    /// if (status.Conditions.SetStatusCondition(new V1Condition { Type = "Ready", Status = Conditions.True, Reason = "Started", Message = "" }, time))
    ///     await UpdateStatusAsync();
    /// </code></example>
    public static bool SetStatusCondition(this IList<V1Condition> conditions, V1Condition condition, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentException.ThrowIfNullOrEmpty(condition?.Type);
        var existing = conditions.FindStatusCondition(condition.Type);
        if (existing is null)
        {
            var added = condition.DeepCopy();
            if (added.LastTransitionTime == default) added.LastTransitionTime = time.GetUtcNow().UtcDateTime;
            conditions.Add(added);
            return true;
        }
        var changed = false;
        if (existing.Status != condition.Status)
        {
            existing.Status = condition.Status;
            existing.LastTransitionTime = condition.LastTransitionTime != default ? condition.LastTransitionTime : time.GetUtcNow().UtcDateTime;
            changed = true;
        }
        if (existing.Reason != condition.Reason) (existing.Reason, changed) = (condition.Reason, true);
        if (existing.Message != condition.Message) (existing.Message, changed) = (condition.Message, true);
        if (existing.ObservedGeneration != condition.ObservedGeneration) (existing.ObservedGeneration, changed) = (condition.ObservedGeneration, true);
        return changed;
    }

    /// <summary>Removes the condition of a type.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool RemoveStatusCondition(this IList<V1Condition> conditions, string type) =>
        conditions.FindStatusCondition(type) is { } found && conditions.Remove(found);

    /// <summary>The condition of a type; null where there is none.</summary>
    public static V1Condition FindStatusCondition(this IEnumerable<V1Condition> conditions, string type) => conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether the condition of a type is there and holds.</summary>
    public static bool IsStatusConditionTrue(this IEnumerable<V1Condition> conditions, string type) => conditions.IsStatusConditionPresentAndEqual(type, True);

    /// <summary>Whether the condition of a type is there and does not hold.</summary>
    public static bool IsStatusConditionFalse(this IEnumerable<V1Condition> conditions, string type) => conditions.IsStatusConditionPresentAndEqual(type, False);

    /// <summary>Whether the condition of a type is there with this status.</summary>
    public static bool IsStatusConditionPresentAndEqual(this IEnumerable<V1Condition> conditions, string type, string status) =>
        conditions.FindStatusCondition(type)?.Status == status;
}
