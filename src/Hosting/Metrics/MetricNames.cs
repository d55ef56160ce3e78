using System.Diagnostics.Metrics;

namespace ActorKube.Hosting;

/// <summary>Prometheus' names for metrics and labels.</summary>
static class MetricNames
{
    /// <summary>
    /// A metric's name. One that follows Prometheus' rules already is left alone; another, such as <c>dotnet.gc.collections</c>, gets underscores, its unit and, where it
    /// counts, <c>_total</c>.
    /// </summary>
    public static string Of(Instrument instrument, bool counts)
    {
        if (!instrument.Name.Contains('.', StringComparison.Ordinal))
            return Plain(instrument.Name);
        var name = Plain(instrument.Name);
        var unit = instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", "1" when !counts => "_ratio", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
            name += unit;
        return counts && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Letters, digits and underscores; what is something else becomes an underscore.</summary>
    public static string Plain(string name)
    {
        var plain = string.Create(name.Length, name, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = char.IsAsciiLetterOrDigit(from[i]) || from[i] == '_' ? from[i] : '_';
        });
        return plain.Length > 0 && char.IsAsciiDigit(plain[0]) ? "_" + plain : plain;
    }
}
