using ActorKube.Models;

namespace ActorKube.Actors.Tests;

public sealed class KeyGateTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly NamespacedName A = new("default", "a");
    static readonly NamespacedName B = new("default", "b");

    readonly KeyGate _gate = new("test", 1, TimeSpan.FromSeconds(10), 4);

    string Next() => _gate.TryGrant(Noon, out var key) ? key.Name : "";

    [Fact]
    public void Rising_that_crosses_its_grant_brings_no_second_turn()
    {
        _gate.Ask(A, ReconcilePriority.Background, Noon);
        Assert.Equal("a", Next());
        // The actor has not seen its grant yet when it hears of a change.
        _gate.Raise(A, ReconcilePriority.Change);
        _gate.Release(A);
        Assert.Equal("", Next());
    }

    [Fact]
    public void Turn_that_nobody_has_is_not_given_back()
    {
        _gate.Ask(A, ReconcilePriority.Background, Noon);
        Assert.Equal("a", Next());
        _gate.Ask(B, ReconcilePriority.Background, Noon);
        _gate.Release(B);
        _gate.Withdraw(new NamespacedName("default", "c"));
        Assert.Equal("", Next());
        _gate.Release(A);
        _gate.Release(A);
        Assert.Equal("b", Next());
        _gate.Ask(A, ReconcilePriority.Background, Noon);
        Assert.Equal("", Next());
    }

    [Fact]
    public void Withdrawing_gives_back_a_turn_that_was_granted()
    {
        _gate.Ask(A, ReconcilePriority.Background, Noon);
        _gate.Ask(B, ReconcilePriority.Background, Noon);
        Assert.Equal("a", Next());
        _gate.Withdraw(A);
        Assert.Equal("b", Next());
    }
}
