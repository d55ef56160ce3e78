using System.Net;
using System.Text.RegularExpressions;

namespace Tool.Tests.Examples;

/// <summary>A piece of C# out of the documentation.</summary>
/// <param name="Place">File and line, for people.</param>
/// <param name="Code">The lines as they are read.</param>
public sealed partial record CSharpExample(string Place, string Code)
{
    /// <summary>The <c>csharp</c> blocks of a Markdown file.</summary>
    public static IEnumerable<CSharpExample> OfMarkdown(string path)
    {
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        return Blocks().Matches(text).Select(block => new CSharpExample(At(path, text, block.Index), block.Groups[1].Value));
    }

    /// <summary>The <c>code</c> elements of a source file's XML comments, but for those that are drawn.</summary>
    public static IEnumerable<CSharpExample> OfComments(string path)
    {
        var lines = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        // Other lines become empty, so that places stay what they are.
        var text = string.Join('\n', lines.Select(line => Comment().Match(line) is { Success: true } comment ? comment.Groups[1].Value : ""));
        return Codes().Matches(text).Where(code => !code.Value.Contains('─')).Select(code => new CSharpExample(At(path, text, code.Index), WebUtility.HtmlDecode(code.Groups[1].Value).Trim('\n')));
    }

    /// <summary>
    /// What the example may be a part of: a program, an expression, what follows a <c>try</c>, members of a class, attributes, the end of a method, what is said to a builder. An ellipsis stands for a body, for accessors or for statements.
    /// </summary>
    public IEnumerable<string> Forms()
    {
        foreach (var code in (string[])[Ellipses().Replace(Code, "{ }"), Ellipses().Replace(Code, "{ get; set; }")])
        {
            yield return code;
            yield return $"{code}\n;";
            yield return $"_ = {code}\n;";
            yield return $"try {{ }}\n{code}";
            yield return $"class Around {{\n{code}\n}}";
            yield return $"{code}\nclass Below {{ }}";
            yield return $"class Around {{ object Does() {{\n{code}\n}} }}";
            yield return $"_ = webhooks\n{code};";
        }
    }

    private static string At(string path, string text, int index) => $"{Path.GetFileName(path)}:{text.AsSpan(0, index).Count('\n') + 1}";

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("<code>(.*?)</code>", RegexOptions.Singleline)]
    private static partial Regex Codes();

    [GeneratedRegex("^\\s*/// ?(.*)$")]
    private static partial Regex Comment();

    // Not the one within a text.
    [GeneratedRegex("\\{ … \\}|(?<!\\\\n)…")]
    private static partial Regex Ellipses();
}
