using System.Buffers;
using System.Text;

namespace ActorKube.Transport;

/// <summary>Builds URL paths in which a name is always one segment: what would leave it is refused, not repaired.</summary>
internal static class PathSegments
{
    static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:@!$&'()*+,;=");

    /// <summary>The name as a segment, escaped where needed.</summary>
    /// <exception cref="ArgumentException">The name is empty, <c>.</c> or <c>..</c>, or has a slash, a percent sign or a control character.</exception>
    public static string Escape(string name, string what)
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException($"The {what} is empty. Give one.", what);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '%', '\\') || name.Any(char.IsControl))
        {
            throw new ArgumentException($"The {what} \"{(name.Length > 100 ? name[..100] + "…" : name).ReplaceLineEndings(" ")}\" cannot be part of a path: "
                + "it may be neither '.' nor '..', nor hold '/', '\\', '%' or control characters.", what);
        }
        return name.AsSpan().ContainsAnyExcept(Plain) ? Uri.EscapeDataString(name) : name;
    }
}

/// <summary>A path with its query string in the making.</summary>
internal sealed class PathBuilder(string path)
{
    readonly StringBuilder _text = new(path);
    bool _hasQuery;

    public PathBuilder Segment(string segment)
    {
        _text.Append('/').Append(segment);
        return this;
    }

    /// <summary>Adds a parameter; null and empty ones are left out.</summary>
    public PathBuilder Query(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return this;
        _text.Append(_hasQuery ? '&' : '?').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        _hasQuery = true;
        return this;
    }

    public PathBuilder Query(string name, bool value) => value ? Query(name, "true") : this;

    public PathBuilder Query(string name, long? value) =>
        value is { } number ? Query(name, number.ToString(System.Globalization.CultureInfo.InvariantCulture)) : this;

    public override string ToString() => _text.ToString();
}
