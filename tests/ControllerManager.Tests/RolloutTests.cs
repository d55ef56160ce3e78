using FsCheck;
using FsCheck.Fluent;

namespace ActorKube.ControllerManager.Tests;

/// <summary>The arithmetic of rolling updates, without a cluster.</summary>
public sealed class RolloutTests
{
    [Theory]
    [InlineData(4, 1, 1, 0, 4, 1)]
    [InlineData(4, 1, 0, 2, 2, 3)]
    [InlineData(10, 3, 2, 0, 10, 3)]
    [InlineData(3, 0, 1, 0, 3, 0)]
    [InlineData(3, 0, 1, 0, 2, 1)]
    public void The_new_set_grows_into_the_room_that_surge_leaves(int replicas, int surge, int unavailable, int newWanted, int othersWanted, int expected) =>
        Assert.Equal(expected, Rollout.Of(replicas, false, surge, unavailable).NewSet(newWanted, othersWanted));

    [Fact]
    public void Pods_that_serve_nobody_are_given_up_first()
    {
        var rollout = Rollout.Of(10, false, 2, 2);

        // Four of the twelve may go, and four of the younger old set are not available.
        Assert.Equal([4, 2], rollout.OldSets(new SetCount(2, 2), [new(4, 4), new(6, 2)]));
    }

    [Fact]
    public void Bounds_that_are_both_zero_let_one_pod_go() => Assert.Equal(1, Rollout.Of(3, false, 0, 0).MaxUnavailable);

    [Fact]
    public void Whatever_happens_a_rollout_keeps_its_bounds_and_comes_to_its_end()
    {
        var runs =
            from replicas in Gen.Choose(0, 12)
            from surge in Gen.Choose(0, 5)
            from unavailable in Gen.Choose(0, 5)
            from old in Gen.Choose(0, 3)
            from seed in Gen.Choose(0, 1_000_000)
            select (replicas, surge, unavailable, old, seed);
        Prop.ForAll(runs.ToArbitrary(), run => Rolls(run.replicas, run.surge, run.unavailable, run.old, run.seed)).QuickCheckThrowOnFailure();
    }

    private static bool Rolls(int replicas, int surge, int unavailable, int oldSets, int seed)
    {
        var random = new System.Random(seed);
        var rollout = Rollout.Of(replicas, false, surge, unavailable);
        // The old sets share the deployment's pods, all available; the new one begins with none.
        var old = new SetCount[oldSets];
        for (var i = 0; i < replicas && oldSets > 0; i++)
        {
            var at = random.Next(oldSets);
            old[at] = new SetCount(old[at].Wanted + 1, old[at].Wanted + 1);
        }
        var current = new SetCount(0, 0);
        for (var step = 0; step < 200; step++)
        {
            var newWanted = rollout.NewSet(current.Wanted, old.Sum(o => o.Wanted));
            if (newWanted == current.Wanted)
            {
                var sizes = rollout.OldSets(current, old);
                for (var i = 0; i < old.Length; i++)
                {
                    old[i] = new SetCount(sizes[i], Math.Min(old[i].Available, sizes[i]));
                }
            }
            current = current with { Wanted = newWanted };
            var all = current.Wanted + old.Sum(o => o.Wanted);
            var available = current.Available + old.Sum(o => o.Available);
            if (all > replicas + rollout.MaxSurge || (oldSets > 0 && available < rollout.MinAvailable))
            {
                return false;
            }
            if (current.Wanted == replicas && current.Available == replicas && old.All(o => o.Wanted == 0))
            {
                return true;
            }
            // Some of the new pods become available, whenever they like.
            current = current with { Available = Math.Min(current.Wanted, current.Available + random.Next(3)) };
        }
        return false;
    }
}
