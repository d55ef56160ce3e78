using System.Text;

namespace ActorKube.Transport;

/// <summary>Something the server wants its caller to know although the request went well, such as that an API is deprecated.</summary>
/// <param name="Code">The warning's code; Kubernetes uses 299.</param>
/// <param name="Agent">Who warns; <c>-</c> for nobody in particular.</param>
/// <param name="Text">The warning, for people.</param>
public readonly record struct ServerWarning(int Code, string Agent, string Text)
{
    /// <summary>The warnings in one <c>Warning</c> header value. What is no warning is passed over.</summary>
    public static IReadOnlyList<ServerWarning> Parse(string header)
    {
        var warnings = new List<ServerWarning>();
        var rest = header.AsSpan();
        while (true)
        {
            rest = rest.TrimStart(", \t");
            var space = rest.IndexOf(' ');
            if (space != 3 || !int.TryParse(rest[..3], out var code)) return warnings;
            rest = rest[4..];
            space = rest.IndexOf(' ');
            if (space <= 0) return warnings;
            var agent = rest[..space].ToString();
            rest = rest[(space + 1)..].TrimStart(' ');
            if (!TakeQuoted(ref rest, out var text)) return warnings;
            warnings.Add(new ServerWarning(code, agent, text));
            // A date may follow, in quotes too.
            if (rest.StartsWith(" \""))
            {
                rest = rest[1..];
                if (!TakeQuoted(ref rest, out _)) return warnings;
            }
        }
    }

    static bool TakeQuoted(ref ReadOnlySpan<char> rest, out string text)
    {
        text = "";
        if (rest.Length == 0 || rest[0] != '"') return false;
        var value = new StringBuilder();
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] == '"')
            {
                text = value.ToString();
                rest = rest[(at + 1)..];
                return true;
            }
            if (rest[at] == '\\' && at + 1 < rest.Length) at++;
            // A warning ends up in logs and terminals: it must not move the cursor there.
            value.Append(char.IsControl(rest[at]) ? ' ' : rest[at]);
        }
        return false;
    }
}
