#nullable disable
using System.Text;
using Akka.Util;

namespace Akka.Actor;

/// <summary>
/// An actor's place in the tree, and the uid of one incarnation of that place where known.
/// Equality and order go by address and names; the uid does not take part.
/// </summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>, ISurrogated
{
    /// <summary>What an actor's name may have besides ASCII letters, digits and <c>%XX</c>.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    /// <summary>The parent's path; a root has its address here.</summary>
    private readonly object _above;
    private int _hash;

    protected ActorPath(Address address, string name)
    {
        _above = address;
        Name = name;
    }

    protected ActorPath(ActorPath parentPath, string name, long uid)
    {
        _above = parentPath;
        Name = name;
        Uid = uid;
        Depth = parentPath.Depth + 1;
    }

    public string Name { get; }

    /// <summary>The incarnation, or 0 where the path names no particular one.</summary>
    public long Uid { get; }

    /// <summary>How many steps below the root.</summary>
    public int Depth { get; }

    /// <summary>The parent's path; a root is its own parent.</summary>
    public ActorPath Parent => ParentOrNull ?? this;

    public ActorPath Root => ParentOf(0);

    public Address Address => (Address)Root._above;

    private ActorPath ParentOrNull => _above as ActorPath;

    /// <summary>The names from below the root to this one.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[Depth];
            for (var path = this; path.ParentOrNull is not null; path = path.ParentOrNull)
                elements[path.Depth - 1] = path.Name;
            return elements;
        }
    }

    /// <summary>The ancestor at <paramref name="depth"/> steps below the root; negative counts up from this path.</summary>
    public ActorPath ParentOf(int depth)
    {
        var wanted = depth >= 0 ? depth : Depth + depth;
        var path = this;
        while (path.ParentOrNull is not null && path.Depth > wanted)
            path = path.ParentOrNull;
        return path;
    }

    public ActorPath Child(string childName) => this / childName;

    /// <summary>The same place with another incarnation.</summary>
    public ActorPath WithUid(long uid) => ParentOrNull is null
        ? uid == 0 ? this : throw new NotSupportedException("A root path has no uid.")
        : uid == Uid ? this : new ChildActorPath(ParentOrNull, Name, uid);

    /// <summary>Whether <paramref name="s"/> may be an actor's name.</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
            return false;
        for (var i = 0; i < s.Length; i++)
        {
            var c = s[i];
            if (char.IsAsciiLetterOrDigit(c) || ValidSymbols.Contains(c))
                continue;
            if (c == '%' && i + 2 < s.Length && char.IsAsciiHexDigit(s[i + 1]) && char.IsAsciiHexDigit(s[i + 2]))
            {
                i += 2;
                continue;
            }

            return false;
        }

        return true;
    }

    public static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join("/", pathElements);

    /// <exception cref="UriFormatException">The text is no actor path.</exception>
    public static ActorPath Parse(string path) => TryParse(path, out var parsed)
        ? parsed
        : throw new UriFormatException($"'{path}' is not an actor path: it should look like akka://system/user/name.");

    public static bool TryParse(string path, out ActorPath actorPath)
    {
        actorPath = null;
        return Address.TryParse(path.AsSpan(), out var address, out var absolute)
            && TryParse(new RootActorPath(address), absolute, out actorPath);
    }

    public static bool TryParse(ActorPath basePath, string absoluteUri, out ActorPath actorPath) =>
        TryParse(basePath, absoluteUri.AsSpan(), out actorPath);

    /// <summary>Walks from <paramref name="basePath"/> along <c>/a/b#uid</c>.</summary>
    public static bool TryParse(ActorPath basePath, ReadOnlySpan<char> absoluteUri, out ActorPath actorPath)
    {
        actorPath = basePath;
        var uid = 0L;
        var hash = absoluteUri.IndexOf('#');
        if (hash >= 0)
        {
            if (!long.TryParse(absoluteUri[(hash + 1)..], out uid))
                return false;
            absoluteUri = absoluteUri[..hash];
        }

        foreach (var range in absoluteUri.Split('/'))
        {
            var name = absoluteUri[range];
            if (!name.IsEmpty)
                actorPath = new ChildActorPath(actorPath, name.ToString(), 0);
        }

        if (uid != 0)
            actorPath = actorPath.WithUid(uid);
        return true;
    }

    public static bool TryParseAddress(string path, out Address address) => TryParseAddress(path, out address, out _);

    public static bool TryParseAddress(string path, out Address address, out ReadOnlySpan<char> absoluteUri) =>
        Address.TryParse(path.AsSpan(), out address, out absoluteUri);

    /// <summary>Same address and same names, whatever the uids.</summary>
    public bool Equals(ActorPath other)
    {
        if (other is null || Depth != other.Depth)
            return false;
        ActorPath mine = this, theirs = other;
        while (!ReferenceEquals(mine, theirs))
        {
            if (mine.Name != theirs.Name)
                return false;
            if (mine.ParentOrNull is null)
                return Equals(mine._above, theirs._above);
            mine = mine.ParentOrNull;
            theirs = theirs.ParentOrNull;
        }

        return true;
    }

    public override bool Equals(object obj) => obj is ActorPath other && Equals(other);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            var hash = ParentOrNull is null ? HashCode.Combine(_above, Name) : HashCode.Combine(ParentOrNull.GetHashCode(), Name);
            _hash = hash == 0 ? 1 : hash;
        }

        return _hash;
    }

    public int CompareTo(ActorPath other)
    {
        if (other is null)
            return 1;
        var order = Address.CompareTo(other.Address);
        if (order != 0)
            return order;
        var shared = Math.Min(Depth, other.Depth);
        for (var depth = 0; depth <= shared; depth++)
        {
            order = string.CompareOrdinal(ParentOf(depth).Name, other.ParentOf(depth).Name);
            if (order != 0)
                return order;
        }

        return Depth.CompareTo(other.Depth);
    }

    public override string ToString() => Format(Address, withUid: false);

    public string ToStringWithUid() => Format(Address, withUid: true);

    public string ToStringWithoutAddress() => Format(null, withUid: false);

    public string ToStringWithAddress() => Format(Address, withUid: false);

    /// <summary>With <paramref name="address"/> where this path's own says no host.</summary>
    public string ToStringWithAddress(Address address) => Format(Address.HasGlobalScope ? Address : address, withUid: false);

    public string ToSerializationFormat() => Format(Address, withUid: true);

    public string ToSerializationFormatWithAddress(Address address) => Format(Address.HasGlobalScope ? Address : address, withUid: true);

    public ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public static ActorPath operator /(ActorPath path, string name)
    {
        var hash = name.IndexOf('#');
        return hash < 0
            ? new ChildActorPath(path, name, 0)
            : new ChildActorPath(path, name[..hash], long.Parse(name.AsSpan(hash + 1), provider: System.Globalization.CultureInfo.InvariantCulture));
    }

    public static ActorPath operator /(ActorPath path, IEnumerable<string> name)
    {
        foreach (var element in name)
        {
            if (!string.IsNullOrEmpty(element))
                path /= element;
        }

        return path;
    }

    public static bool operator ==(ActorPath left, ActorPath right) => Equals(left, right);

    public static bool operator !=(ActorPath left, ActorPath right) => !Equals(left, right);

    private string Format(Address address, bool withUid)
    {
        var text = new StringBuilder();
        text.Append(address?.ToString());
        if (ParentOrNull is null)
        {
            text.Append('/');
        }
        else
        {
            foreach (var element in Elements)
                text.Append('/').Append(element);
        }

        if (withUid && Uid != 0)
            text.Append('#').Append(Uid);
        return text.ToString();
    }
}

/// <summary>The root of a system's tree.</summary>
public sealed class RootActorPath(Address address, string name = "") : ActorPath(address, name);

/// <summary>Every path but a root.</summary>
public sealed class ChildActorPath(ActorPath parentPath, string name, long uid) : ActorPath(parentPath, name, uid);
