using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Cnat;

/// <summary>A few At objects to look at: overdue, due soon, due later, and one whose schedule does not parse.</summary>
internal sealed class Demo(IKubernetesClient client, TimeProvider time, ILogger<Demo> logger)
{
    const string Namespace = "default";
    const string BadSchedule = "tomorrow at noon";

    static readonly string[] Names = ["overdue", "due-soon", "due-later", "not-a-time"];

    readonly IResourceClient<At> _ats = client.Resource<At>(Namespace);

    // As the operator looks for a kind that the cluster does not have yet.
    static readonly TimeSpan MissingKindRetry = TimeSpan.FromSeconds(2);

    /// <summary>Creates the objects; ones that an earlier run left behind are replaced. Where the cluster has no definition of At yet, one is waited for, as the operator does.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        string[] schedules = [Schedule.Write(now.AddHours(-1)), Schedule.Write(now.AddSeconds(3)), Schedule.Write(now.AddSeconds(8)), BadSchedule];
        foreach (var (name, schedule) in Names.Zip(schedules))
        {
            try
            {
                await _ats.DeleteAsync(name, cancellation: cancellation);
            }
            catch (KubernetesException error) when (error.IsNotFound)
            {
                // The usual case: nothing was left behind.
            }
            await CreateAsync(new At { Metadata = new V1ObjectMeta { Name = name }, Spec = new AtSpec { Schedule = schedule, Command = "echo YAY" } }, cancellation);
            logger.LogInformation("demo: created At {Namespace}/{At}, schedule {Schedule}", Namespace, name, schedule);
        }
    }

    async Task CreateAsync(At at, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await _ats.CreateAsync(at, cancellation: cancellation);
                return;
            }
            catch (KubernetesException error) when (error.IsNotFound)
            {
                if (tries == 0) logger.LogInformation("demo: the cluster does not know the kind At yet; waiting for its definition (--install-crd creates it)");
                await Task.Delay(MissingKindRetry, time, cancellation);
            }
        }
    }

    /// <summary>Waits until every object has come to its end: the good ones DONE, the bad one refused.</summary>
    /// <returns>Null once all have; at the end of <paramref name="timeout"/> what is still missing.</returns>
    public async Task<string?> WaitAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var unsettled = Names.ToDictionary(name => name, _ => "not seen");
        try
        {
            var ats = client.Resource(ResourceDefinition.For<At>(), Namespace).ListWatch();
            await ats.UntilAsync(seen => HaveAllSettled(unsettled, seen.Object!.As<At>()), time, either.Token);
            logger.LogInformation("demo: every At has come to its end, and the one with a bad schedule is refused");
            return null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"after {timeout.TotalSeconds:0} s these have not settled: {string.Join("; ", unsettled.Select(at => $"{at.Key}: {at.Value}"))}";
        }
    }

    static bool HaveAllSettled(Dictionary<string, string> unsettled, At at)
    {
        var name = at.Metadata.Name;
        if (!unsettled.ContainsKey(name)) return false;
        if (at.Status?.Phase == AtPhase.Done || at.Status?.Conditions.IsStatusConditionFalse(AtCondition.ScheduleValid) is true) unsettled.Remove(name);
        else unsettled[name] = at.Status?.Phase is { Length: > 0 } phase ? phase : AtPhase.Pending;
        return unsettled.Count == 0;
    }
}
