using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>Some of a controller's keys, for controllers that share their keys with others: only what a process owns is reconciled there.</summary>
/// <param name="Name">The slice's name; slices of one name are the same slice.</param>
/// <param name="Holds">Whether a key belongs to it. It must always say the same of the same key, and be quick: it is asked for each change.</param>
sealed record KeySlice(string Name, Func<NamespacedName, bool> Holds);
