namespace ActorKube.Actors;

/// <summary>Some of a controller's keys, for controllers that share their keys with others: only what a process owns is reconciled there. Which keys, <see cref="ControllerSpec.SliceOf"/> says.</summary>
/// <param name="Name">The slice's name; slices of one name are the same slice.</param>
/// <param name="IsHeld">Whether it is still this process's, asked before each write; null where being told to leave it is enough. Quick and thread-safe.</param>
sealed record KeySlice(string Name, Func<bool>? IsHeld = null);
