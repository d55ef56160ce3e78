using Akka.Actor;
using Akka.Hosting;

namespace Akka.Conformance.Hosting;

public sealed class ActorRegistryTests : ActorTest
{
    sealed class Key;

    sealed class OtherKey;

    readonly ActorRegistry _registry = new();

    [Fact]
    public void What_is_registered_is_found()
    {
        _registry.Register<Key>(TestActor);
        Assert.Equal(TestActor, _registry.Get<Key>());
        Assert.True(_registry.TryGet<Key>(out var actor));
        Assert.Equal(TestActor, actor);
        Assert.True(_registry.TryGet(typeof(Key), out _));
    }

    [Fact]
    public void What_is_not_registered_is_not_found()
    {
        Assert.Throws<MissingActorRegistryEntryException>(() => _registry.Get<Key>());
        Assert.False(_registry.TryGet<Key>(out var actor));
        Assert.Equal(ActorRefs.Nobody, actor);
    }

    [Fact]
    public void A_key_is_taken_once_unless_it_may_be_overwritten()
    {
        var second = CreateTestProbe().Ref;
        _registry.Register<Key>(TestActor);
        Assert.Throws<DuplicateActorRegistryException>(() => _registry.Register<Key>(second));
        Assert.False(_registry.TryRegister<Key>(second));
        Assert.Equal(TestActor, _registry.Get<Key>());
        Assert.True(_registry.TryRegister<Key>(second, overwrite: true));
        Assert.Equal(second, _registry.Get<Key>());
    }

    [Fact]
    public void Null_is_no_actor()
    {
        Assert.Throws<ArgumentNullException>(() => _registry.Register<Key>(null!));
        Assert.False(_registry.TryRegister<Key>(null!));
    }

    [Fact]
    public async Task Everybody_who_waits_for_an_actor_gets_it()
    {
        var waiting = Enumerable.Range(0, 5).Select(_ => _registry.GetAsync<Key>()).ToList();
        var other = _registry.GetAsync<OtherKey>();
        _registry.Register<Key>(TestActor);
        Assert.All(await Task.WhenAll(waiting), actor => Assert.Equal(TestActor, actor));
        Assert.False(other.IsCompleted);
        Assert.Equal(TestActor, await _registry.GetAsync<Key>());
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = _registry.GetAsync<Key>(cancellation.Token);
        var patient = _registry.GetAsync<Key>();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _registry.Register<Key>(TestActor);
        Assert.Equal(TestActor, await patient);
    }

    [Fact]
    public void What_is_registered_can_be_listed()
    {
        _registry.Register<Key>(TestActor);
        Assert.Equal([new KeyValuePair<Type, IActorRef>(typeof(Key), TestActor)], _registry.ToList());
    }

    [Fact]
    public void A_system_has_one_registry() => Assert.Same(ActorRegistry.For(Sys), ActorRegistry.For(Sys));
}
