using System.Collections;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Functions that are called by a library's name: <c>sets.contains</c>, <c>strings.quote</c>, <c>ip.isCanonical</c>, <c>format.dns1123Label</c>.</summary>
internal static class CelNamespaces
{
    public static object? Call(string name, List<object?> arguments) => (name, arguments) switch
    {
        ("sets.contains", [IList all, IList some]) => Within(some, all),
        ("sets.equivalent", [IList one, IList other]) => Within(one, other) && Within(other, one),
        ("sets.intersects", [IList one, IList other]) => one.Cast<object?>().Any(i => other.Cast<object?>().Any(o => CelValues.Same(i, o))),
        ("strings.quote", [string text]) => FieldErrors.Quote(text),
        ("ip.isCanonical", [string text]) => System.Net.IPAddress.TryParse(text, out var address) ? address.ToString() == text : throw new CelException($"IP Address '{text}' parse error during conversion from string"),
        ("format.named", [string format]) => Array.IndexOf(CelNamedFormat.Names, format) >= 0 ? new CelOptional(true, new CelNamedFormat(format)) : new CelOptional(false, null),
        (_, []) when name.StartsWith("format.", StringComparison.Ordinal) => new CelNamedFormat(name["format.".Length..]),
        _ => throw new CelException("no such overload"),
    };

    private static bool Within(IList some, IList all) => some.Cast<object?>().All(i => all.Cast<object?>().Any(o => CelValues.Same(i, o)));
}

/// <summary>A format of Kubernetes' names and values, of which an expression can ask what is wrong with a text.</summary>
internal sealed record CelNamedFormat(string Name)
{
    public static string[] Names { get; } =
    [
        "dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix", "labelValue", "uri", "uuid", "byte", "date", "datetime",
    ];

    /// <summary>What is wrong with a text; an empty optional where nothing is.</summary>
    public CelOptional Validate(string text)
    {
        var problems = Problems(text);
        return problems.Count == 0 ? new CelOptional(false, null) : new CelOptional(true, problems.Select(p => (object?)p).ToList());
    }

    private IReadOnlyList<string> Problems(string text) => Name switch
    {
        "dns1123Label" => NameRules.CheckDns1123Label(text),
        "dns1123Subdomain" => NameRules.CheckDns1123Subdomain(text),
        "dns1035Label" => NameRules.CheckDns1035Label(text),
        "qualifiedName" => NameRules.CheckQualifiedName(text),
        "dns1123LabelPrefix" => NameRules.CheckDns1123Label(Masked(text)),
        "dns1123SubdomainPrefix" => NameRules.CheckDns1123Subdomain(Masked(text)),
        "dns1035LabelPrefix" => NameRules.CheckDns1035Label(Masked(text)),
        "labelValue" => NameRules.CheckLabelValue(text),
        "uri" => Formats.Holds("uri", text) ? [] : [$"parse {FieldErrors.Quote(text)}: invalid URI for request"],
        "uuid" => Formats.Holds("uuid", text) ? [] : ["does not match the UUID format"],
        "byte" => Formats.Holds("byte", text) ? [] : ["invalid base64"],
        "date" => Formats.Holds("date", text) ? [] : ["invalid date"],
        _ => Formats.Holds("datetime", text) ? [] : ["invalid datetime"],
    };

    private static string Masked(string prefix) => prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^2] + "a" : prefix;
}
