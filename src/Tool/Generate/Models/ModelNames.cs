using System.Text;

namespace ActorKube.Tool;

/// <summary>The names that KubernetesClient gives to types and properties, so that code written for it compiles.</summary>
internal static class ModelNames
{
    /// <summary>Names whose property needs another name, because C# or the package has taken it.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["namespace"] = "NamespaceProperty",
        ["continue"] = "ContinueProperty",
        ["$ref"] = "RefProperty",
        ["default"] = "DefaultProperty",
        ["operator"] = "OperatorProperty",
        ["$schema"] = "Schema",
        ["enum"] = "EnumProperty",
        ["object"] = "ObjectProperty",
        ["readOnly"] = "ReadOnlyProperty",
        ["from"] = "FromProperty",
        ["int"] = "IntValue",
        ["bool"] = "BoolValue",
        ["string"] = "StringValue",
    };

    /// <summary>
    /// Type names by definition: version and kind (<c>V1Pod</c>), with the group before them where two groups have the same
    /// (<c>Corev1Event</c>, <c>Eventsv1Event</c>).
    /// </summary>
    public static Dictionary<string, string> Types(IEnumerable<string> definitions)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var same in definitions.GroupBy(definition => Last(definition, 2), StringComparer.Ordinal))
        {
            var parts = same.Count() == 1 ? 2 : 3;
            foreach (var definition in same) names.Add(definition, Pascal(Last(definition, parts)));
        }
        return names;
    }

    public static string Property(string jsonName) => Renamed.TryGetValue(jsonName, out var renamed) ? renamed : Pascal(jsonName);

    /// <summary>Upper case at the start and after what cannot be in a name, which is left out; the rest stays as it is.</summary>
    public static string Pascal(string name)
    {
        var result = new StringBuilder(name.Length);
        var upper = true;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                upper = true;
                continue;
            }
            if (result.Length == 0 && char.IsAsciiDigit(c)) result.Append('_');
            result.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }
        return result.ToString();
    }

    private static string Last(string definition, int parts) => string.Concat(definition.Split('.')[^parts..]);
}
