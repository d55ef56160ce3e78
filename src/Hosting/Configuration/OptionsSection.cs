using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ActorKube.Hosting;

/// <summary>
/// Reads one section of a host's configuration key by key: what is not there keeps its value, and what makes no sense is noted with its key, its value and what is
/// expected. A key that nobody asked for is a mistake too, since it would silently do nothing.
/// </summary>
sealed class OptionsSection(IConfiguration section, string path, List<string> problems)
{
    readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anything is said here.</summary>
    public bool Exists => section.GetChildren().Any();

    /// <summary>A key's full name.</summary>
    public string PathOf(string key) => path.Length == 0 ? key : key.Length == 0 ? path : $"{path}:{key}";

    /// <summary>The keys that are there.</summary>
    public IEnumerable<string> Keys => section.GetChildren().Select(static child => child.Key);

    /// <summary>A section below.</summary>
    public OptionsSection Section(string key)
    {
        _known.Add(key);
        if (section.GetSection(key).Value is { Length: > 0 } value)
            Problem(key, $"has keys below it, and takes no value of its own: '{value}'");
        return new OptionsSection(section.GetSection(key), PathOf(key), problems);
    }

    /// <summary>Notes what is wrong with a key.</summary>
    public void Problem(string key, string problem) => problems.Add($"{PathOf(key)}: {problem}");

    public string? Text(string key, string? current) => Read(key, current, static (string text, out string? value) => (value = text).Length > 0, "some text");

    public bool Flag(string key, bool current) => Read(key, current, bool.TryParse, "true or false");

    public int Whole(string key, int current) =>
        Read(key, current, static (string text, out int value) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value), "a whole number");

    public double Number(string key, double current) =>
        Read(key, current, static (string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value), "a number");

    public TimeSpan Time(string key, TimeSpan current) => Read(key, current, Duration.TryParse, Duration.Expected);

    /// <summary>A time, or <c>never</c> for null.</summary>
    public TimeSpan? TimeOrNever(string key, TimeSpan? current) =>
        Read(key, current, static (string text, out TimeSpan? value) =>
        {
            var isTime = Duration.TryParse(text, out var time);
            value = isTime ? time : null;
            return isTime || text.Equals("never", StringComparison.OrdinalIgnoreCase);
        }, Duration.Expected + ", or never");

    public T Choice<T>(string key, T current)
        where T : struct, Enum =>
        Read(key, current, static (string text, out T value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value), $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Reading is over: notes the keys that nobody asked for.</summary>
    public void Done()
    {
        foreach (var key in Keys.Where(key => !_known.Contains(key)))
            Problem(key, $"there is no such setting; there are {string.Join(", ", _known)}");
    }

    delegate bool Parser<T>(string text, out T value);

    T Read<T>(string key, T current, Parser<T> parse, string expected)
    {
        _known.Add(key);
        var said = section.GetSection(key);
        if (said.GetChildren().Any())
        {
            Problem(key, $"{expected} is expected here, and it has keys below it");
            return current;
        }
        if (said.Value is not { } text)
            return current;
        if (parse(text, out var value))
            return value;
        Problem(key, $"'{text}' is not {expected}");
        return current;
    }
}
