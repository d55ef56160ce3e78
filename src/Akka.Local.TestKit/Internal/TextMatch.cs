using System.Text.RegularExpressions;
using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>How a filter compares a text. Case has no say, except in patterns.</summary>
sealed record TextMatch(string Description, Predicate<string> Matches)
{
    public static readonly TextMatch All = new("", _ => true);

    public static TextMatch Of(string? equal, string? start, string? contains) => (equal, start, contains) switch
    {
        ({ } text, _, _) => new($" with the message '{text}'", s => string.Equals(s, text, StringComparison.OrdinalIgnoreCase)),
        (_, { } text, _) => new($" whose message starts with '{text}'", s => s.StartsWith(text, StringComparison.OrdinalIgnoreCase)),
        (_, _, { } text) => new($" whose message contains '{text}'", s => s.Contains(text, StringComparison.OrdinalIgnoreCase)),
        _ => All,
    };

    public static TextMatch Of(Regex pattern) => new($" whose message matches '{pattern}'", pattern.IsMatch);

    /// <summary>A log source is an actor's path, with or without the system's address, or any other text.</summary>
    public static TextMatch OfSource(string? source) => source is null
        ? All
        : new($" from '{source}'", s => string.Equals(s, source, StringComparison.OrdinalIgnoreCase)
            || (ActorPath.TryParse(s, out var path) && string.Equals(path.ToStringWithoutAddress(), source, StringComparison.OrdinalIgnoreCase)));
}
