#nullable disable
using Akka.Util;

namespace Akka.Actor;

/// <summary>Where an actor system is: protocol and name, and host and port where it has a transport.</summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable, ISurrogated, ICloneable
{
    /// <summary>Stands for every system.</summary>
    public static readonly Address AllSystems = new("akka", "all-systems");

    public static readonly IComparer<Address> Comparer = Comparer<Address>.Create(static (a, b) =>
        a is null ? (b is null ? 0 : -1) : a.CompareTo(b));

    private readonly string _text;

    public Address(string protocol, string system, string host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
        _text = $"{protocol}://{system}";
        if (!string.IsNullOrWhiteSpace(host))
            _text += "@" + Host + (port is { } p ? ":" + p : "");
    }

    public string Protocol { get; }

    public string System { get; }

    public string Host { get; }

    public int? Port { get; }

    public bool HasLocalScope => string.IsNullOrEmpty(Host);

    public bool HasGlobalScope => !string.IsNullOrEmpty(Host);

    /// <summary>What comes after <c>://</c>.</summary>
    public string HostPort() => _text[(Protocol.Length + 3)..];

    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    public Address WithSystem(string system) => new(Protocol, system, Host, Port);

    public Address WithHost(string host = null) => new(Protocol, System, host, Port);

    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    public object Clone() => new Address(Protocol, System, Host, Port);

    public ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    /// <exception cref="UriFormatException">The text is no address.</exception>
    public static Address Parse(string address) => TryParse(address, out var parsed)
        ? parsed
        : throw new UriFormatException($"'{address}' is not an address: it should look like akka://system or akka.tcp://system@host:port.");

    public static bool TryParse(string path, out Address address) => TryParse(path.AsSpan(), out address);

    public static bool TryParse(ReadOnlySpan<char> span, out Address address) => TryParse(span, out address, out _);

    public static bool TryParse(string path, out Address address, out string absolutUri)
    {
        var parsed = TryParse(path.AsSpan(), out address, out var rest);
        absolutUri = parsed ? rest.ToString() : null;
        return parsed;
    }

    /// <summary>Splits an actor's URI into its address and its path, which is <c>/</c> where there is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> span, out Address address, out ReadOnlySpan<char> absolutUri)
    {
        address = null;
        absolutUri = default;
        var scheme = span.IndexOf("://");
        if (scheme <= 0 || !span.StartsWith("akka", StringComparison.OrdinalIgnoreCase))
            return false;
        var protocol = span[..scheme].ToString().ToLowerInvariant();
        var authority = span[(scheme + 3)..];
        var slash = authority.IndexOf('/');
        absolutUri = slash < 0 ? "/" : authority[slash..];
        if (slash >= 0)
            authority = authority[..slash];
        if (authority.IsEmpty)
            return false;
        var at = authority.IndexOf('@');
        if (at < 0)
        {
            if (authority.IndexOf(':') >= 0)
                return false;
            address = new Address(protocol, authority.ToString());
            return true;
        }

        var hostPort = authority[(at + 1)..];
        var colon = hostPort.LastIndexOf(':');
        if (at == 0 || hostPort.IsEmpty)
            return false;
        if (colon < 0 || hostPort[^1] == ']')
        {
            address = new Address(protocol, authority[..at].ToString(), hostPort.ToString());
            return true;
        }

        if (!int.TryParse(hostPort[(colon + 1)..], out var port))
            return false;
        address = new Address(protocol, authority[..at].ToString(), hostPort[..colon].ToString(), port);
        return true;
    }

    public bool Equals(Address other) =>
        other is not null && (ReferenceEquals(this, other)
            || (Protocol == other.Protocol && System == other.System && Host == other.Host && Port == other.Port));

    public override bool Equals(object obj) => obj is Address other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Protocol, System, Host, Port);

    public int CompareTo(Address other) => other is null ? 1 : string.CompareOrdinal(_text, other._text);

    int IComparable.CompareTo(object obj) => obj switch
    {
        null => 1,
        Address other => CompareTo(other),
        _ => throw new ArgumentException($"An Address compares with an Address, not with a {obj.GetType()}.", nameof(obj)),
    };

    public override string ToString() => _text;

    public static bool operator ==(Address left, Address right) => Equals(left, right);

    public static bool operator !=(Address left, Address right) => !Equals(left, right);
}
