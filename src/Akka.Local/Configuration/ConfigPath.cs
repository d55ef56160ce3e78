#nullable disable
using System.Text;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>Dotted paths, whose parts may be quoted: <c>akka.actor.deployment."/a.b"</c>.</summary>
internal static class ConfigPath
{
    public static HoconValue Find(HoconValue root, string path)
    {
        var value = root;
        foreach (var part in Split(path))
        {
            value = value?.GetChildObject(part);
            if (value is null)
                return null;
        }

        return value;
    }

    public static IEnumerable<string> Split(string path)
    {
        if (!path.Contains('"'))
            return path.Split('.');
        var parts = new List<string>();
        var part = new StringBuilder();
        var quoted = false;
        foreach (var c in path)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == '.' && !quoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return parts;
    }
}
