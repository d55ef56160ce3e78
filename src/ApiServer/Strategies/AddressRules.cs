using System.Net;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>IP addresses in built-in kinds.</summary>
internal static class Addresses
{
    public static void Check(string text, string field, FieldErrors errors)
    {
        if (!IPAddress.TryParse(text, out _) || (!text.Contains(':', StringComparison.Ordinal) && text.Count(c => c == '.') != 3))
        {
            errors.Invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    /// <summary>An address behind a service: none of those that mean this host, this link or nothing.</summary>
    public static void CheckEndpoint(string text, string field, FieldErrors errors)
    {
        if (!IPAddress.TryParse(text, out var address))
        {
            errors.Invalid(field, text, "must be a valid IP address");
            return;
        }
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(field, text, $"may not be unspecified ({text})");
        }
        if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(field, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        var bytes = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || bytes is [169, 254, ..])
        {
            errors.Invalid(field, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if (bytes is [224, 0, 0, _] || (address.IsIPv6Multicast && (bytes[1] & 0xf) == 2))
        {
            errors.Invalid(field, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}

/// <summary>Port numbers and names in built-in kinds.</summary>
internal static class Ports
{
    public static void Check(JsonNode? port, string field, FieldErrors errors)
    {
        if (port.AsLong() is not (>= 1 and <= 65535))
        {
            errors.Invalid(field, port.AsLong() ?? 0, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>A number, or the name of a container's port.</summary>
    public static void CheckTarget(JsonNode? target, string field, FieldErrors errors)
    {
        if (target.AsText() is not { } name)
        {
            if (target is not null)
            {
                Check(target, field, errors);
            }
            return;
        }
        foreach (var problem in NameProblems(name))
        {
            errors.Invalid(field, name, problem);
        }
    }

    public static IEnumerable<string> NameProblems(string name)
    {
        if (name.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }
        if (name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }
        if (!name.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter (a-z)";
        }
        if (name.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }
        if (name.StartsWith('-') || name.EndsWith('-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }
}
