using ActorKube.Models;

namespace ActorKube.Streams;

/// <summary>Words for what goes wrong: what, where, and what to do.</summary>
sealed class Troubles(ResourceDefinition resource, string? @namespace)
{
    readonly string _what = resource.Kind.Group.Length == 0 ? resource.Plural : $"{resource.Plural}.{resource.Kind.Group}";
    readonly string _where = @namespace is null ? resource.Namespaced ? " in all namespaces" : "" : $" in namespace '{@namespace}'";

    public ReflectorTrouble Of(TroubleKind kind, Exception error, TimeSpan delay, bool relists) => new(kind, Text(kind, error, delay), delay, relists, error);

    public ReflectorTrouble Malformed(string why) =>
        new(TroubleKind.Malformed, $"Skipped what could not be understood of {_what}{_where}: {why}.", TimeSpan.Zero, false);

    public ReflectorTrouble Silent() =>
        new(TroubleKind.Silent, $"The watch of {_what}{_where} went silent: its connection counts as dead, and it is opened again where it was.", TimeSpan.Zero, false);

    public ReflectorTrouble VeryShort(TimeSpan delay) =>
        new(TroubleKind.VeryShortWatch, $"The watch of {_what}{_where} ended at once with nothing received; {Next(delay)}", delay, true);

    public ReflectorTrouble ClosedBeforeEnd(TimeSpan delay) =>
        new(TroubleKind.NoInitialEvents, $"The initial events of {_what}{_where} broke off before their end; {Next(delay)}", delay, true);

    public ReflectorTrouble NoEndBookmark(TimeSpan after) =>
        new(TroubleKind.NoInitialEvents, $"The initial events of {_what}{_where} did not end within {after.TotalSeconds:0} s; using lists instead.", TimeSpan.Zero, true);

    public ReflectorTrouble SlowBookmark(TimeSpan since) =>
        new(TroubleKind.NoInitialEvents, $"The initial events of {_what}{_where} have not come to their end for {since.TotalSeconds:0} s; still waiting.", TimeSpan.Zero, false);

    public ReflectorTrouble CannotStream(Exception error) =>
        new(TroubleKind.NoInitialEvents, $"The server does not stream the initial events of {_what}{_where} ({error.Message}); using lists instead.", TimeSpan.Zero, true, error);

    string Text(TroubleKind kind, Exception error, TimeSpan delay) => kind switch
    {
        TroubleKind.Expired => $"The version of {_what}{_where} that we hold is too old for the server; reading all of them again{When(delay)}.",
        TroubleKind.VersionTooLarge => $"The server has not seen the version of {_what}{_where} that we hold; reading what it has{When(delay)}.",
        TroubleKind.TooManyRequests => $"The server is busy and asks for patience with {_what}{_where} (429); {Next(delay)}",
        TroubleKind.Unreachable => $"No answer from the server for {_what}{_where}: {error.Message} {Next(delay)}",
        TroubleKind.MissingKind => $"The server does not know {_what} ({resource.Kind}): is its CustomResourceDefinition installed? Waiting for it; {Next(delay)}",
        TroubleKind.Unauthorized => $"The server does not accept our credentials (401) for {_what}{_where}: check the token or certificate in the kubeconfig, or the service account's token; {Next(delay)}",
        TroubleKind.Forbidden => $"Not allowed to list and watch {_what}{_where} (403): grant the verbs list and watch on {_what}, and check with 'kubectl auth can-i watch {_what}'; {Next(delay)}",
        _ => $"Listing or watching {_what}{_where} failed: {error.Message} {Next(delay)}",
    };

    static string Next(TimeSpan delay) => delay == TimeSpan.Zero ? "trying again now." : $"trying again in {delay.TotalSeconds:0.0} s.";

    static string When(TimeSpan delay) => delay == TimeSpan.Zero ? "" : $" in {delay.TotalSeconds:0.0} s";
}
