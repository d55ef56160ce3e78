#nullable disable
using System.Reflection;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>Makes <see cref="Config"/>s.</summary>
public class ConfigurationFactory
{
    private static readonly Lazy<Config> Reference = new(() => ParseString(ReferenceConfig.Text));

    /// <summary>No settings.</summary>
    public static Config Empty => Config.Empty;

    /// <summary>The runtime's reference settings: every setting it knows, with its default.</summary>
    public static Config Default() => Reference.Value;

    /// <summary>Parses HOCON.</summary>
    /// <exception cref="FormatException">The text is no HOCON.</exception>
    public static Config ParseString(string hocon) => ParseString(hocon, null);

    /// <summary>Parses HOCON; <paramref name="includeCallback"/> answers for <c>include "name"</c>.</summary>
    public static Config ParseString(string hocon, Func<string, HoconRoot> includeCallback) =>
        new(Parser.Parse(hocon, includeCallback));

    /// <summary>There is no application-wide configuration file: settings come with the system. Always empty.</summary>
    public static Config Load() => Config.Empty;

    public static Config FromResource<TAssembly>(string resourceName) => FromResource(resourceName, typeof(TAssembly).Assembly);

    public static Config FromResource(string resourceName, object instanceInAssembly) =>
        FromResource(resourceName, instanceInAssembly as Assembly ?? (instanceInAssembly as Type ?? instanceInAssembly.GetType()).Assembly);

    /// <summary>Parses an embedded resource.</summary>
    public static Config FromResource(string resourceName, Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new ConfigurationException($"The assembly {assembly.GetName().Name} has no embedded resource '{resourceName}'. It has: {string.Join(", ", assembly.GetManifestResourceNames())}.");
        using var reader = new StreamReader(stream);
        return ParseString(reader.ReadToEnd());
    }
}
