using System.Text;
using ActorKube.Transport;

namespace ActorKube.Tool;

/// <summary>Prints resources as kubectl does, to the blank.</summary>
/// <param name="form"><c>wide</c>, <c>name</c>, or null for the usual columns.</param>
/// <param name="sortBy"><c>name</c>, <c>kind</c>, or null for by group.</param>
/// <param name="hasHeader">Whether the columns' names come first.</param>
internal sealed class ResourceTable(string? form, string? sortBy, bool hasHeader)
{
    /// <summary>A column is as wide as its widest cell and this, and not narrower than the least width: kubectl's tab writer.</summary>
    private const int Padding = 3, LeastWidth = 6;

    public string Print(IEnumerable<DiscoveredResource> resources)
    {
        var sorted = Sort(resources);
        if (form == "name")
        {
            return string.Concat(sorted.Select(resource => resource.Definition.Plural
                + (resource.Definition.Kind.Group.Length > 0 ? "." + resource.Definition.Kind.Group : "") + "\n"));
        }
        var rows = sorted.Select(Row);
        if (hasHeader)
        {
            string[] header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", .. form == "wide" ? (string[])["VERBS", "CATEGORIES"] : []];
            rows = rows.Prepend(header);
        }
        return Align([.. rows]);
    }

    /// <summary>Resources of one group and name keep the server's order.</summary>
    private IEnumerable<DiscoveredResource> Sort(IEnumerable<DiscoveredResource> resources) => resources.OrderBy(resource => sortBy switch
    {
        "name" => resource.Definition.Plural,
        "kind" => resource.Definition.Kind.Kind,
        _ => resource.Definition.Kind.Group,
    }, StringComparer.Ordinal).ThenBy(resource => resource.Definition.Plural, StringComparer.Ordinal);

    private string[] Row(DiscoveredResource resource) =>
    [
        resource.Definition.Plural, string.Join(',', resource.ShortNames), resource.Definition.Kind.ApiVersion, resource.Definition.Namespaced ? "true" : "false", resource.Definition.Kind.Kind,
        .. form == "wide" ? (string[])[string.Join(',', resource.Verbs), string.Join(',', resource.Categories)] : [],
    ];

    private static string Align(IReadOnlyList<string[]> rows)
    {
        if (rows.Count == 0) return "";
        // The last cell of a line ends it, and is in no column.
        var widths = Enumerable.Range(0, rows[0].Length - 1).Select(column => Math.Max(LeastWidth, rows.Max(row => row[column].Length) + Padding)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < widths.Length; column++) text.Append(row[column].PadRight(widths[column]));
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
