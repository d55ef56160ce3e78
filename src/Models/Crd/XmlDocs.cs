using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace ActorKube.Models;

/// <summary>Summaries from the XML file that the compiler puts beside an assembly.</summary>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, string>> Files = new();

    /// <summary>The summary as one text; null where there is none.</summary>
    public static string? Summary(MemberInfo member)
    {
        var type = member as Type ?? member.DeclaringType!;
        var name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName?.Replace('+', '.');
        var key = member is Type ? $"T:{name}" : $"P:{name}.{member.Name}";
        return Files.GetOrAdd(type.Assembly, Load).GetValueOrDefault(key);
    }

    private static IReadOnlyDictionary<string, string> Load(Assembly assembly)
    {
        var summaries = new Dictionary<string, string>();
        if (string.IsNullOrEmpty(assembly.Location)) return summaries;
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(file)) return summaries;
        try
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is { } name && member.Element("summary") is { } summary) summaries[name] = Text(summary);
            }
        }
        catch (XmlException)
        {
            // A file of that name which is no documentation: there are no summaries.
        }
        return summaries;
    }

    private static string Text(XElement summary)
    {
        foreach (var reference in summary.Descendants().Where(element => element.Name.LocalName is "see" or "paramref" or "typeparamref").ToList())
        {
            var target = reference.Attribute("cref")?.Value ?? reference.Attribute("langword")?.Value ?? reference.Attribute("href")?.Value ?? reference.Attribute("name")?.Value ?? "";
            reference.ReplaceWith(reference.Value.Length > 0 ? reference.Value : target[(target.LastIndexOf('.') + 1)..]);
        }
        foreach (var paragraph in summary.Descendants("para").ToList()) paragraph.ReplaceWith("\n\n" + paragraph.Value.Trim() + "\n\n");
        var paragraphs = Blank().Split(summary.Value.Trim().ReplaceLineEndings("\n")).Select(text => Spaces().Replace(text.Trim(), " "));
        return string.Join("\n", paragraphs);
    }

    [GeneratedRegex(@"\n[ \t]*\n\s*")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
