using System.Globalization;
using System.Text;
using System.Text.Json;
using Akka.Configuration;
using Microsoft.Extensions.Configuration;

namespace Akka.Hosting.Configuration;

/// <summary>Reads a host's configuration as an actor system's.</summary>
public static class ConfigurationHoconAdapter
{
    /// <summary>
    /// A section, under its own name, or everything at the root. Sections whose keys are numbers are lists. In keys, an underscore
    /// stands for a hyphen and a dot begins a level, so that environment variables can name any setting.
    /// </summary>
    /// <param name="config">What to read.</param>
    /// <param name="normalizeKeys">Whether keys are lowered.</param>
    public static Config ToHocon(this IConfiguration config, bool normalizeKeys = true)
    {
        var text = new StringBuilder();
        IEnumerable<IConfigurationSection> sections = config is IConfigurationSection section ? [section] : config.GetChildren();
        foreach (var child in sections)
            AppendField(text, child, normalizeKeys);
        return text.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(text.ToString());
    }

    static void AppendField(StringBuilder text, IConfigurationSection section, bool normalizeKeys)
    {
        var key = (normalizeKeys ? section.Key.ToLowerInvariant() : section.Key).Replace('_', '-');
        text.Append(key).Append(" = ");
        AppendValue(text, section, normalizeKeys);
        text.Append('\n');
    }

    static void AppendValue(StringBuilder text, IConfigurationSection section, bool normalizeKeys)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0 || section.Value is not null)
        {
            // .NET's providers write booleans as True and False; HOCON knows on and off.
            var value = section.Value switch
            {
                null => "",
                "True" => "on",
                "False" => "off",
                var other => other,
            };
            text.Append(JsonSerializer.Serialize(value));
        }
        else if (children.All(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            text.Append('[');
            foreach (var child in children.OrderBy(child => int.Parse(child.Key, CultureInfo.InvariantCulture)))
            {
                AppendValue(text, child, normalizeKeys);
                text.Append(", ");
            }

            text.Append(']');
        }
        else
        {
            text.Append("{\n");
            foreach (var child in children)
                AppendField(text, child, normalizeKeys);
            text.Append('}');
        }
    }
}
