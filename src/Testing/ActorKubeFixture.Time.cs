using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;

namespace ActorKube.Testing;

/// <content>Time, and coming to rest in it.</content>
public sealed partial class ActorKubeFixture
{
    /// <summary>
    /// Deals with all that has happened, lets virtual time pass, and deals with what that brings. A reconcile that waits for time to pass, or says that it waits for the test
    /// (<see cref="OutstandingWork.HoldAsync(Task)"/>), is not waited for; any other is.
    /// </summary>
    /// <param name="by">How much time.</param>
    /// <param name="step">In steps of how much; null for one. What is due in the middle of a step is late by the rest of it.</param>
    /// <exception cref="InvalidOperationException">The fixture's time is the machine's.</exception>
    /// <exception cref="KubeExpectationException">It does not come to rest; the message says what still runs.</exception>
    public async Task AdvanceAsync(TimeSpan by, TimeSpan? step = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        if (!_options.VirtualTime)
            throw new InvalidOperationException("This fixture's time is the machine's, and passes by itself: start it with VirtualTime = true.");
        var end = Now + by;
        await SettleAsync().ConfigureAwait(false);
        while (Now < end)
        {
            var rest = end - Now;
            Work.Advance(step < rest ? step.Value : rest);
            await SettleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends when all that has happened is dealt with: the caches show what the server has, every change was taken, nothing is queued or running, and only time or somebody
    /// outside can bring more. A cache whose reflector waits before its next attempt, or whose watch is held back, is not waited for.
    /// </summary>
    /// <exception cref="KubeExpectationException">It does not come to rest; the message says what still runs.</exception>
    public async Task SettleAsync()
    {
        using var patience = new CancellationTokenSource(_options.Patience);
        try
        {
            (int, string) before, after = default;
            do
            {
                before = after;
                // What is due now, and only waits for the clock to tick.
                if (_options.VirtualTime)
                    Work.Advance(TimeSpan.Zero);
                await Work.IdleAsync(patience.Token).ConfigureAwait(false);
                foreach (var runtime in Runtimes)
                {
                    foreach (var cache in await runtime.CachesAsync().ConfigureAwait(false))
                        await CatchUpAsync(runtime, cache, patience.Token).ConfigureAwait(false);
                }
                await Work.IdleAsync(patience.Token).ConfigureAwait(false);
                after = (Work.ReconcilesBegun, await RevisionAsync().ConfigureAwait(false));
            }
            while (before != after);
        }
        catch (OperationCanceledException)
        {
            throw new KubeExpectationException($"The controllers have not come to rest after {_options.Patience.TotalSeconds:0.#} s. {WhatRuns()}{Work.Tell()}");
        }
    }

    /// <summary>The runtimes whose work is waited for: what is tested, the cluster's own controllers, and the node's.</summary>
    IEnumerable<Kubernetes> Runtimes => ((Kubernetes?[])[Kubernetes, _clusterRuntime, _node?.Runtime]).OfType<Kubernetes>();

    async Task CatchUpAsync(Kubernetes runtime, ObjectCache cache, CancellationToken cancellation)
    {
        var trouble = _troubles.Next();
        var health = runtime.Health.Caches.FirstOrDefault(c => c.Spec == cache.Spec);
        if (health is null || health.WaitsForTime(Now) || (runtime == Kubernetes && Faults.Holds(cache.Spec.Resource.Plural)))
            return;
        var shown = ShowsAllAsync(cache, cancellation);
        while (await Task.WhenAny(shown, trouble).ConfigureAwait(false) != shown)
        {
            trouble = _troubles.Next();
            if (health.WaitsForTime(Now))
                return;
        }
        await shown.ConfigureAwait(false);
    }

    async Task ShowsAllAsync(ObjectCache cache, CancellationToken cancellation)
    {
        await cache.WaitForSyncAsync(cancellation).ConfigureAwait(false);
        // The newest change decides, deletions too; one that the list below does not show may be on its way still.
        if (ulong.TryParse(cache.Snapshot.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var seen)
            && Server.NewestChange(cache.Spec.Resource, cache.Spec.Namespace, cache.Spec.LabelSelector, cache.Spec.FieldSelector, (long)seen) is { } newest)
        {
            await SeesAsync(cache, default, newest.ToString(CultureInfo.InvariantCulture), "", cancellation).ConfigureAwait(false);
        }
        await ShowsListAsync(cache, cancellation).ConfigureAwait(false);
    }

    // A cache that has to read its objects anew has no version to wait for: then what the server has decides.
    async Task ShowsListAsync(ObjectCache cache, CancellationToken cancellation)
    {
        var spec = cache.Spec;
        // In this order: what was held before and is not there any more is gone; what comes after the list is for the next look.
        var held = cache.Snapshot;
        var there = (await Client.Resource(spec.Resource, spec.Namespace)
            .ListAsync(new ListOptions { LabelSelector = spec.LabelSelector, FieldSelector = spec.FieldSelector }, cancellation).ConfigureAwait(false)).Items.ToDictionary(static o => o.Key);
        // Whoever has seen the newest has seen all.
        var missing = there.Values
            .Where(o => !held.TryGet(o.Key, out var known) || known.ResourceVersion != o.ResourceVersion)
            .MaxBy(static o => ulong.Parse(o.ResourceVersion, CultureInfo.InvariantCulture));
        if (missing is not null)
            await SeesAsync(cache, missing.Key, missing.ResourceVersion, missing.Uid, cancellation).ConfigureAwait(false);
        foreach (var surplus in held.List().Where(o => !there.ContainsKey(o.Key)).ToArray())
            await SeesAsync(cache, surplus.Key, "", surplus.Uid, cancellation).ConfigureAwait(false);
    }

    static Task SeesAsync(ObjectCache cache, NamespacedName key, string version, string uid, CancellationToken cancellation)
    {
        var write = new ObjectWrite(cache.Spec.Resource, key, version, uid);
        return cache.Actor.Ask<ObjectCache.Seen>(new ObjectCache.WhenSeen(write, write), Timeout.InfiniteTimeSpan, cancellation);
    }

    async Task<string> RevisionAsync() => (await Client.Resource<V1Namespace>().ListAsync(new ListOptions { Limit = 1 }).ConfigureAwait(false)).ResourceVersion;

    string WhatRuns()
    {
        var running = Runtimes.SelectMany(static r => r.Health.Controllers).SelectMany(static c => c.Running.Select(r => $"{c.Name} {r.Key} since {r.Value:u}")).ToArray();
        var unread = Runtimes.SelectMany(static r => r.Health.Caches).Where(static c => !c.HasSynced).Select(static c => c.Spec.ToString()).ToArray();
        return (running.Length > 0 ? $"Still running: {string.Join("; ", running)}. " : "") + (unread.Length > 0 ? $"Not read yet: {string.Join("; ", unread)}." : "");
    }

    /// <summary>Wakes whoever waits when a reflector meets with trouble.</summary>
    sealed class Troubles
    {
        TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next() => Volatile.Read(ref _next).Task;

        public void Happened() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
