namespace ActorKube.Actors;

/// <summary>An item of a <see cref="PersistentSet{TKey, TItem}"/>.</summary>
interface IKeyed<out TKey>
{
    /// <summary>What it is found by: one item a key.</summary>
    TKey Key { get; }
}
