using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>
/// What a controller's actor leaves to the next one when it is stopped in the middle, because leadership was lost or because it failed: keys with work, and the keys
/// that it knew, so that those which vanish meanwhile are looked at too. Bounded by objects.
/// </summary>
/// <remarks>Written by an actor as it stops and read by the next as it starts; never by two at once.</remarks>
sealed class ControllerLedger
{
    Dictionary<NamespacedName, KeyNews> _news = [];
    IReadOnlyCollection<NamespacedName> _known = [];

    /// <summary>The slices that the controller owns, by name.</summary>
    public Dictionary<string, KeySlice> Slices { get; } = [];

    /// <summary>Remembers news of a key for which there is no actor.</summary>
    public void Add(NamespacedName key, KeyNews news) => _news[key] = _news.TryGetValue(key, out var before) ? before.And(news) : news;

    /// <summary>Remembers which keys there were.</summary>
    public void Knew(IReadOnlyCollection<NamespacedName> keys) => _known = keys;

    /// <summary>Takes all that was left.</summary>
    public (Dictionary<NamespacedName, KeyNews> News, IReadOnlyCollection<NamespacedName> Known) Take()
    {
        var taken = (_news, _known);
        (_news, _known) = ([], []);
        return taken;
    }
}
