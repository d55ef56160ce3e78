using System.Globalization;
using System.Text;

namespace Controllers;

/// <summary>Draws what <c>objects</c>, <c>keys</c> and <c>kinds</c> printed: a panel a figure, from zero, so that what is flat looks flat.</summary>
internal static class Plot
{
    const int Width = 260, Height = 190, Left = 46, Right = 14, Top = 34, Bottom = 40;

    static readonly (string Title, string Line, string X, string Y, bool Logarithmic)[] Panels =
    [
        ("µs of CPU an event, by objects", "objects", "objects", "cpu_us_per_event", true),
        ("MB of live heap, by objects", "objects", "objects", "heap_mb", false),
        ("µs of CPU a reconcile, by keys seen", "keys", "seen", "cpu_us_per_reconcile", false),
        ("µs of CPU an event, by kinds", "kinds", "kinds", "cpu_us_per_event", true),
    ];

    /// <summary>Reads lines of <c>name=value</c> pairs and writes an SVG.</summary>
    public static int Draw(string measured, string svg)
    {
        var lines = File.ReadLines(measured).Select(Fields).ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width * 2}" height="{Height * 2}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>""").Append('\n');
        for (var i = 0; i < Panels.Length; i++)
        {
            var panel = Panels[i];
            var points = lines.Where(l => l.Name == panel.Line && l.Values.ContainsKey(panel.X) && l.Values.ContainsKey(panel.Y))
                .Select(l => (X: l.Values[panel.X], Y: l.Values[panel.Y])).OrderBy(p => p.X).ToList();
            if (points.Count > 0) DrawPanel(text, panel.Title, points, panel.Logarithmic, i % 2 * Width, i / 2 * Height);
        }
        File.WriteAllText(svg, text.Append("</svg>\n").ToString());
        return 0;
    }

    static void DrawPanel(StringBuilder text, string title, List<(double X, double Y)> points, bool logarithmic, int left, int top)
    {
        var ceiling = points.Max(p => p.Y) * 1.15;
        double Scale(double x) => logarithmic ? Math.Log10(x) : x;
        var (least, most) = (logarithmic ? Scale(points[0].X) : 0, Scale(points[^1].X));
        string X(double x) => Number(left + Left + ((most > least ? (Scale(x) - least) / (most - least) : 0.5) * (Width - Left - Right)));
        string Y(double y) => Number(top + Height - Bottom - (y / ceiling * (Height - Top - Bottom)));
        text.Append(CultureInfo.InvariantCulture, $"""<text x="{left + Left}" y="{top + 20}" font-weight="bold">{title}</text>""").Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"""<path d="M{left + Left} {top + Top}V{top + Height - Bottom}H{left + Width - Right}" fill="none" stroke="#888"/>""").Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"""<polyline points="{string.Join(' ', points.Select(p => X(p.X) + "," + Y(p.Y)))}" fill="none" stroke="#1f6feb" stroke-width="2"/>""").Append('\n');
        foreach (var (x, y) in points)
        {
            text.Append(CultureInfo.InvariantCulture, $"""<circle cx="{X(x)}" cy="{Y(y)}" r="3" fill="#1f6feb"><title>{Number(x)}: {Number(y)}</title></circle>""").Append('\n');
        }
        foreach (var (x, y) in new[] { points[0], points[^1] })
        {
            text.Append(CultureInfo.InvariantCulture, $"""<text x="{X(x)}" y="{top + Height - Bottom + 16}" text-anchor="middle">{Short(x)}</text><text x="{X(x)}" y="{Y(y)}" dy="-7" text-anchor="middle">{Number(y)}</text>""").Append('\n');
        }
        text.Append(CultureInfo.InvariantCulture, $"""<text x="{left + Left - 6}" y="{top + Height - Bottom}" text-anchor="end">0</text>""").Append('\n');
    }

    static (string Name, Dictionary<string, double> Values) Fields(string line)
    {
        var values = new Dictionary<string, double>();
        var name = "";
        foreach (var pair in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=');
            var key = at < 0 ? pair : pair[..at];
            name = name.Length == 0 ? key : name;
            if (at >= 0 && double.TryParse(pair[(at + 1)..], CultureInfo.InvariantCulture, out var value)) values[key] = value;
        }
        return (name, values);
    }

    static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    static string Short(double value) => value >= 1000 ? Number(value / 1000) + "k" : Number(value);
}
