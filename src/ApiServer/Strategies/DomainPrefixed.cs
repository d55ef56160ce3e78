using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>Names of the form <c>acme.io/foo</c>: who owns it, then what it is.</summary>
internal static partial class DomainPrefixed
{
    private const string PathPattern = @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";

    public static void Check(string path, string field, FieldErrors errors)
    {
        if (path.Length == 0)
        {
            errors.Required(field);
            return;
        }
        if (path.Split('/', 2) is not [{ Length: > 0 } host, { Length: > 0 } rest])
        {
            errors.Invalid(field, path, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }
        foreach (var problem in NameValidation.Problems(NameRule.Subdomain, host))
        {
            errors.Invalid(field, host, problem);
        }
        if (!PathText().IsMatch(rest))
        {
            errors.Invalid(field, rest, $"Invalid path (regex used for validation is '{PathPattern}')");
        }
    }

    [GeneratedRegex($"^{PathPattern}$")]
    private static partial Regex PathText();
}
