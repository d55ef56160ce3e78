using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Soak;

/// <summary>The reconciler, which keeps books: who runs, who ran twice at once, and what each key saw last.</summary>
sealed class Audit : IReconciler
{
    readonly ConcurrentDictionary<NamespacedName, int> _running = new();
    readonly ConcurrentDictionary<NamespacedName, long> _seen = new();
    int _overlaps;
    long _reconciles;
    long _failures;

    public int Overlaps => Volatile.Read(ref _overlaps);

    public long Reconciles => Interlocked.Read(ref _reconciles);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>The generation that a key's last finished reconcile saw; 0 for no object, -1 where it was never reconciled.</summary>
    public long Seen(NamespacedName key) => _seen.GetValueOrDefault(key, -1);

    public IEnumerable<NamespacedName> Keys => _seen.Keys;

    /// <summary>Forgets keys that are gone and were reconciled as gone, so that the books do not grow.</summary>
    public void Sweep(Func<NamespacedName, bool> exists)
    {
        foreach (var (key, generation) in _seen)
        {
            if (generation == 0 && !exists(key))
                _seen.TryRemove(KeyValuePair.Create(key, generation));
        }
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext context, CancellationToken cancellation)
    {
        if (_running.AddOrUpdate(context.Key, 1, static (_, n) => n + 1) > 1)
            Interlocked.Increment(ref _overlaps);
        Interlocked.Increment(ref _reconciles);
        try
        {
            if (context.Raw is { } load && Loads.ObservedGeneration(load) != load.Generation)
            {
                await context.Client.Resource(Loads.Resource, Loads.Namespace)
                    .PatchAsync(load.Name, Loads.Observed(load.Generation), subresource: "status", cancellation: cancellation).ConfigureAwait(false);
            }
            _seen[context.Key] = context.Raw?.Generation ?? 0;
            return ReconcileResult.Done;
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // It went meanwhile; the news of that is on its way.
            return ReconcileResult.Done;
        }
        catch
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
        finally
        {
            if (_running.AddOrUpdate(context.Key, 0, static (_, n) => n - 1) == 0)
                _running.TryRemove(KeyValuePair.Create(context.Key, 0));
        }
    }
}
