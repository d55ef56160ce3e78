using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Says in a disruption budget's status how many of its pods may be evicted: what is healthy, what must be, and what somebody is about to evict. Eviction spends what it says.
/// </summary>
internal sealed class BudgetReconciler(ClusterControllersOptions options, Selections selections, IEventRecorder recorder) : IReconciler<V1PodDisruptionBudget>, ILetsGo<V1PodDisruptionBudget>
{
    /// <summary>A pod that was to be evicted and has not gone by then will not.</summary>
    private static readonly TimeSpan EvictionTakes = TimeSpan.FromMinutes(2);
    private static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();

    /// <summary>Of which pods it was told that several budgets mean them, by the budget that is the first of those.</summary>
    private readonly ConcurrentDictionary<NamespacedName, HashSet<string>> _shared = new();

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1PodDisruptionBudget> context, CancellationToken cancellation)
    {
        var budget = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        // A budget without a selector means nothing; an empty selector means all.
        var selector = budget.Spec.Selector is null ? LabelSelector.Nothing : LabelSelector.From(budget.Spec.Selector);
        selections.Note(context.Key, selector);
        var pods = context.Cache<V1Pod>().List(context.Key.Namespace, selector);
        if (pods.Count == 0)
        {
            context.Events.Normal("NoPods", "No matching pods found");
        }
        TellShared(context.Key, pods);
        int expected, desired;
        try
        {
            (expected, desired) = await ExpectedAsync(context, budget, pods, cancellation).ConfigureAwait(false);
        }
        catch (InvalidOperationException unknown)
        {
            context.Events.Warning("CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {unknown.Message}");
            await WriteAsync(context, budget, Failed(budget, unknown.Message, now), cancellation).ConfigureAwait(false);
            throw;
        }
        var (disrupted, look) = Disrupted(budget, pods, now);
        var healthy = pods.Count(p => p.Metadata.DeletionTimestamp is null && disrupted?.ContainsKey(p.Metadata.Name) != true && p.IsReady());
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        var status = new V1PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy, DesiredHealthy = desired, ExpectedPods = expected, DisruptionsAllowed = allowed, DisruptedPods = disrupted, ObservedGeneration = budget.Metadata.Generation,
            Conditions = With(budget, allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now),
        };
        await WriteAsync(context, budget, status, cancellation).ConfigureAwait(false);
        return look is { } time ? ReconcileResult.RequeueAfter(time) : ReconcileResult.Done;
    }

    public Task LetGoAsync(ReconcileContext<V1PodDisruptionBudget> context, CancellationToken cancellation)
    {
        selections.Forget(context.Key);
        _shared.TryRemove(context.Key, out _);
        return Task.CompletedTask;
    }

    /// <summary>Tells pods that more than one budget means them, each once for as long as that is so: no such pod can be evicted.</summary>
    private void TellShared(NamespacedName key, IReadOnlyList<V1Pod> pods)
    {
        var shared = selections.Several(key.Namespace) ? pods.Where(p => selections.Of(key.Namespace, p.Metadata.Labels).Order().Take(2).ToList() is [var first, _] && first == key).ToList() : [];
        if (shared.Count == 0)
        {
            _shared.TryRemove(key, out _);
            return;
        }
        var told = _shared.GetValueOrDefault(key);
        foreach (var pod in shared.Where(p => told?.Contains(p.Metadata.Uid) != true))
        {
            recorder.For(KubeObject.From(pod), Pods, pod.Key(), "controllermanager")
                .Warning("MultiplePodDisruptionBudgets", $"Pod \"{key.Namespace}\"/\"{pod.Metadata.Name}\" matches multiple PodDisruptionBudgets.  Chose \"{key.Name}\" arbitrarily.");
        }
        _shared[key] = [.. shared.Select(p => p.Metadata.Uid)];
    }

    private static async Task WriteAsync(ReconcileContext<V1PodDisruptionBudget> context, V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, CancellationToken cancellation)
    {
        if (!status.SemanticallyEquals(budget.Status))
        {
            budget.Status = status;
            await context.Client.Resource<V1PodDisruptionBudget>(context.Key.Namespace).UpdateStatusAsync(budget, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What cannot be counted must not be disrupted.</summary>
    private static V1PodDisruptionBudgetStatus Failed(V1PodDisruptionBudget budget, string why, DateTime now) => new()
    {
        CurrentHealthy = budget.Status?.CurrentHealthy ?? 0, DesiredHealthy = budget.Status?.DesiredHealthy ?? 0, ExpectedPods = budget.Status?.ExpectedPods ?? 0, DisruptionsAllowed = 0,
        DisruptedPods = budget.Status?.DisruptedPods, ObservedGeneration = budget.Status?.ObservedGeneration, Conditions = With(budget, "False", "SyncFailed", why, now),
    };

    private static List<V1Condition> With(V1PodDisruptionBudget budget, string status, string reason, string message, DateTime now)
    {
        var conditions = budget.Status?.Conditions?.ToList() ?? [];
        var at = conditions.FindIndex(c => c.Type == "DisruptionAllowed");
        var condition = new V1Condition
        {
            Type = "DisruptionAllowed", Status = status, Reason = reason, Message = message, ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = at >= 0 && conditions[at].Status == status ? conditions[at].LastTransitionTime : now,
        };
        if (at < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[at] = condition;
        }
        return conditions;
    }

    /// <summary>Evictions that are on their way, and when to look at them again.</summary>
    private static (IDictionary<string, DateTime>? Pods, TimeSpan? Look) Disrupted(V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, DateTime now)
    {
        var there = pods.Where(p => p.Metadata.DeletionTimestamp is null).Select(p => p.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var kept = (budget.Status?.DisruptedPods ?? new Dictionary<string, DateTime>()).Where(p => there.Contains(p.Key) && p.Value + EvictionTakes > now).ToDictionary(StringComparer.Ordinal);
        return kept.Count == 0 ? (null, null) : (kept, kept.Values.Min() + EvictionTakes - now);
    }

    /// <summary>How many pods there should be, and how many of them must be healthy.</summary>
    private static async Task<(int Expected, int Desired)> ExpectedAsync(ReconcileContext<V1PodDisruptionBudget> context, V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, CancellationToken cancellation)
    {
        if (budget.Spec.MaxUnavailable is { } most)
        {
            var expected = await SizesAsync(context, budget, pods, cancellation).ConfigureAwait(false);
            return (expected, Math.Max(0, expected - most.ScaledValue(expected, roundUp: true)));
        }
        if (budget.Spec.MinAvailable is not { } least)
        {
            return (0, 0);
        }
        if (least.IsInt)
        {
            return (pods.Count, least.IntValue);
        }
        var all = await SizesAsync(context, budget, pods, cancellation).ConfigureAwait(false);
        return (all, least.ScaledValue(all, roundUp: true));
    }

    /// <summary>The sizes of all controllers that have pods here, together. Pods without a controller count for nothing.</summary>
    private static async Task<int> SizesAsync(ReconcileContext<V1PodDisruptionBudget> context, V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, CancellationToken cancellation)
    {
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        var unmanaged = false;
        foreach (var pod in pods)
        {
            if (pod.GetController() is not { } owner)
            {
                unmanaged = true;
            }
            else if (!sizes.ContainsKey(owner.Uid))
            {
                if (await SizeAsync(context, owner, cancellation).ConfigureAwait(false) is not { } size)
                {
                    throw new InvalidOperationException($"found no controllers for pod \"{pod.Metadata.Name}\"");
                }
                sizes[owner.Uid] = 0;
                sizes[size.Uid] = size.Replicas;
            }
        }
        if (unmanaged)
        {
            context.Events.Warning("UnmanagedPods", $"Pods selected by this PodDisruptionBudget (selector: {GoText.Of(budget.Spec.Selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be"
                + " calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }
        return sizes.Values.Sum();
    }

    /// <summary>A controller's size; a replica set's is its deployment's.</summary>
    private static async Task<(string Uid, int Replicas)?> SizeAsync(ReconcileContext context, V1OwnerReference owner, CancellationToken cancellation)
    {
        if (owner.Kind == "ReplicaSet" && context.Get<V1ReplicaSet>(new NamespacedName(context.Key.Namespace, owner.Name)) is { } set)
        {
            return set.Metadata.Uid != owner.Uid ? null
                : set.GetController() is { Kind: "Deployment" } deployment ? await SizeAsync(context, deployment, cancellation).ConfigureAwait(false) : (set.Metadata.Uid, set.Spec.Replicas ?? 1);
        }
        try
        {
            return await ScaleTargets.GetAsync(context.Client, owner.ApiVersion, owner.Kind, context.Key.Namespace, owner.Name, cancellation).ConfigureAwait(false) is { } found && found.Scale.Metadata.Uid == owner.Uid
                ? (owner.Uid, found.Scale.Spec?.Replicas ?? 0) : null;
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return null;
        }
    }
}
