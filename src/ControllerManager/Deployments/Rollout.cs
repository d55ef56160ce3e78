namespace ActorKube.ControllerManager;

/// <summary>A replica set as a rollout sees it: what it is told to have, and how many of them are available.</summary>
internal readonly record struct SetCount(int Wanted, int Available);

/// <summary>
/// Decides how many pods each replica set of a deployment shall have next. Pure: no set ever makes the deployment have more than its replicas and the surge, nor
/// fewer available than its replicas less what may be unavailable.
/// </summary>
internal sealed record Rollout(int Replicas, int MaxSurge, int MaxUnavailable, bool Recreate)
{
    /// <summary>Bounds from what a deployment says: shares of its replicas round up for the surge and down for what may be unavailable; both zero would never move.</summary>
    public static Rollout Of(int replicas, bool recreate, int surge, int unavailable) =>
        new(replicas, recreate ? 0 : surge, recreate ? replicas : surge == 0 && unavailable == 0 ? 1 : Math.Min(unavailable, replicas), recreate);

    public int MinAvailable => Math.Max(0, Replicas - MaxUnavailable);

    /// <summary>What the new set shall have, beside what the others have now.</summary>
    public int NewSet(int newWanted, int othersWanted)
    {
        if (Recreate || newWanted >= Replicas)
        {
            return Replicas;
        }
        var room = Replicas + MaxSurge - newWanted - othersWanted;
        return newWanted + Math.Clamp(room, 0, Replicas - newWanted);
    }

    /// <summary>What the old sets shall have, the oldest first.</summary>
    public int[] OldSets(SetCount newSet, IReadOnlyList<SetCount> old)
    {
        var result = old.Select(o => o.Wanted).ToArray();
        if (Recreate)
        {
            return new int[old.Count];
        }
        var all = newSet.Wanted + result.Sum();
        var mayGo = all - MinAvailable - Math.Max(0, newSet.Wanted - newSet.Available);
        // First those that serve nobody: they cost no availability.
        for (var i = 0; i < result.Length && mayGo > 0; i++)
        {
            var unhealthy = Math.Min(mayGo, Math.Max(0, result[i] - old[i].Available));
            result[i] -= unhealthy;
            mayGo -= unhealthy;
        }
        var spare = Math.Min(mayGo, newSet.Available + old.Sum(o => o.Available) - MinAvailable);
        for (var i = 0; i < result.Length && spare > 0; i++)
        {
            var less = Math.Min(spare, result[i]);
            result[i] -= less;
            spare -= less;
        }
        return result;
    }

    /// <summary>A deployment that is resized in the middle of a rollout: its sets grow and shrink in proportion; what rounding leaves over is the first one's.</summary>
    public int[] Proportional(IReadOnlyList<int> wanted)
    {
        var total = wanted.Sum();
        var goal = Replicas == 0 ? 0 : Replicas + MaxSurge;
        if (total == 0)
        {
            return [.. wanted];
        }
        var result = wanted.Select(w => (int)Math.Round((double)w * goal / total, MidpointRounding.AwayFromZero)).ToArray();
        result[0] = Math.Max(0, result[0] + goal - result.Sum());
        return result;
    }
}
