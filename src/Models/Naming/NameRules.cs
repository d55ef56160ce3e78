namespace ActorKube.Models;

/// <summary>
/// What Kubernetes accepts as names, label keys and label values. Each check answers what is wrong, in the API server's own words, and nothing
/// where all is well. The rules are those of <c>k8s.io/apimachinery/pkg/util/validation</c>.
/// </summary>
/// <example><code>if (NameRules.CheckDns1123Label(name) is [var fault, ..]) throw new ArgumentException(fault);</code></example>
public static class NameRules
{
    /// <summary>The longest DNS label, name part of a label key, and label value.</summary>
    public const int LongestLabel = 63;

    /// <summary>The longest DNS subdomain: names of most objects, prefixes of label keys.</summary>
    public const int LongestSubdomain = 253;

    const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    static readonly string NotALabel =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
        + $" (e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelFormat}')";

    static readonly string NotASubdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
        + $" (e.g. 'example.com', regex used for validation is '{LabelFormat}(\\.{LabelFormat})*')";

    static readonly string NotADns1035Label =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
        + " (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    static readonly string NotQualified =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
        + $" (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QualifiedFormat}')";

    static readonly string NotALabelValue =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
        + $" (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({QualifiedFormat})?')";

    /// <summary>A DNS label (RFC 1123) in lower case: names of namespaces and pods' host names.</summary>
    public static IReadOnlyList<string> CheckDns1123Label(string value)
    {
        List<string>? wrong = null;
        if (value.Length > LongestLabel) Add(ref wrong, TooLong(LongestLabel));
        if (!IsDnsLabel(value)) Add(ref wrong, IsSubdomain(value) ? "must not contain dots" : NotALabel);
        return wrong ?? [];
    }

    /// <summary>A DNS subdomain (RFC 1123) in lower case: names of most objects.</summary>
    public static IReadOnlyList<string> CheckDns1123Subdomain(string value)
    {
        List<string>? wrong = null;
        if (value.Length > LongestSubdomain) Add(ref wrong, TooLong(LongestSubdomain));
        if (!IsSubdomain(value)) Add(ref wrong, NotASubdomain);
        return wrong ?? [];
    }

    /// <summary>A DNS label (RFC 1035), which starts with a letter: names of services.</summary>
    public static IReadOnlyList<string> CheckDns1035Label(string value)
    {
        List<string>? wrong = null;
        if (value.Length > LongestLabel) Add(ref wrong, TooLong(LongestLabel));
        if (!IsDnsLabel(value) || !char.IsAsciiLetterLower(value[0])) Add(ref wrong, NotADns1035Label);
        return wrong ?? [];
    }

    /// <summary>A label key, annotation key or finalizer: a name, after an optional DNS subdomain and a slash.</summary>
    public static IReadOnlyList<string> CheckQualifiedName(string value)
    {
        List<string>? wrong = null;
        var name = value;
        var slash = value.IndexOf('/');
        if (slash >= 0)
        {
            if (value.IndexOf('/', slash + 1) >= 0)
            {
                return [$"a qualified name {NotQualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
            }
            name = value[(slash + 1)..];
            if (slash == 0) Add(ref wrong, "prefix part must be non-empty");
            else foreach (var problem in CheckDns1123Subdomain(value[..slash])) Add(ref wrong, "prefix part " + problem);
        }
        if (name.Length == 0) Add(ref wrong, "name part must be non-empty");
        else if (name.Length > LongestLabel) Add(ref wrong, "name part " + TooLong(LongestLabel));
        if (!IsQualifiedPart(name)) Add(ref wrong, "name part " + NotQualified);
        return wrong ?? [];
    }

    /// <summary>A label's value: empty, or up to 63 characters that begin and end with a letter or digit.</summary>
    public static IReadOnlyList<string> CheckLabelValue(string value)
    {
        List<string>? wrong = null;
        if (value.Length > LongestLabel) Add(ref wrong, TooLong(LongestLabel));
        if (value.Length > 0 && !IsQualifiedPart(value)) Add(ref wrong, NotALabelValue);
        return wrong ?? [];
    }

    static bool IsDnsLabel(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value[0] == '-' || value[^1] == '-') return false;
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-') return false;
        }
        return true;
    }

    static bool IsSubdomain(ReadOnlySpan<char> value)
    {
        foreach (var part in value.Split('.'))
        {
            if (!IsDnsLabel(value[part])) return false;
        }
        return true;
    }

    static bool IsQualifiedPart(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1])) return false;
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) return false;
        }
        return true;
    }

    static string TooLong(int longest) => $"must be no more than {longest} characters";

    static void Add(ref List<string>? problems, string problem) => (problems ??= []).Add(problem);
}
