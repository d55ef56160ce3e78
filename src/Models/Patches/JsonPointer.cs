using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>A place in a JSON document (RFC 6901): <c>/spec/containers/0/image</c>; a <c>/</c> within a name is <c>~1</c>, a <c>~</c> is <c>~0</c>.</summary>
readonly struct JsonPointer
{
    readonly string[] _names;

    JsonPointer(string[] names) => _names = names;

    public bool IsRoot => _names.Length == 0;

    /// <summary>The last name: a member's, or an element's index.</summary>
    public string Last => _names[^1];

    public static bool TryParse(string text, out JsonPointer pointer)
    {
        pointer = new JsonPointer([]);
        if (text.Length == 0) return true;
        if (text[0] != '/') return false;
        var names = text[1..].Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (!names[i].Contains('~')) continue;
            for (var tilde = names[i].IndexOf('~'); tilde >= 0; tilde = names[i].IndexOf('~', tilde + 1))
            {
                if (tilde + 1 == names[i].Length || names[i][tilde + 1] is not ('0' or '1')) return false;
            }
            names[i] = names[i].Replace("~1", "/").Replace("~0", "~");
        }
        pointer = new JsonPointer(names);
        return true;
    }

    /// <summary>Reads a pointer as kube-apiserver does: what stands before the first slash is no part of it, and a tilde that escapes nothing is itself.</summary>
    public static JsonPointer ParseLeniently(string text)
    {
        var names = text.Split('/')[1..];
        for (var i = 0; i < names.Length; i++) names[i] = names[i].Replace("~1", "/").Replace("~0", "~");
        return new JsonPointer(names);
    }

    /// <summary>A pointer's next step, escaped.</summary>
    public static string Append(string path, string name) => path + "/" + name.Replace("~", "~0").Replace("/", "~1");

    /// <summary>Whether this place contains the other.</summary>
    public bool Contains(JsonPointer other) => _names.AsSpan().SequenceEqual(other._names.AsSpan(0, Math.Min(_names.Length, other._names.Length)));

    /// <summary>Finds the object or list that contains the place.</summary>
    public bool TryFindContainer(JsonNode? root, [NotNullWhen(true)] out JsonNode? container, bool fromEnd = false)
    {
        container = root;
        foreach (var name in _names.AsSpan(0, _names.Length - 1))
        {
            if (!TryStep(container, name, out container, fromEnd)) return false;
        }
        return container is JsonObject or JsonArray;
    }

    /// <summary>Finds what stands at the place; a null that stands there counts as found.</summary>
    public bool TryFind(JsonNode? root, out JsonNode? found, bool fromEnd = false)
    {
        found = root;
        foreach (var name in _names)
        {
            if (!TryStep(found, name, out found, fromEnd)) return false;
        }
        return true;
    }

    /// <summary>
    /// Reads an element's index in a list of that length: digits without a leading zero. <paramref name="fromEnd"/> reads any number instead, and counts a negative one from the
    /// end, as kube-apiserver does.
    /// </summary>
    public static bool TryReadIndex(string name, int length, out int index, bool fromEnd = false)
    {
        if (!fromEnd)
        {
            return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < length && (name.Length == 1 || name[0] != '0');
        }
        if (!int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index) || index >= length || index < -length) return false;
        if (index < 0) index += length;
        return true;
    }

    static bool TryStep(JsonNode? node, string name, out JsonNode? next, bool fromEnd)
    {
        next = null;
        switch (node)
        {
            case JsonObject members:
                return members.TryGetPropertyValue(name, out next);
            case JsonArray elements when TryReadIndex(name, elements.Count, out var index, fromEnd):
                next = elements[index];
                return true;
            default:
                return false;
        }
    }
}
