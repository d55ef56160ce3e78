using System.Reflection;
using System.Xml.Linq;

namespace Templates.Tests;

/// <summary>The repository that these tests were built from, and how.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Metadata("RepoRoot");

    /// <summary>Debug or Release.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Which of the two actor runtimes.</summary>
    public static string ActorRuntime { get; } = Metadata("ActorRuntime");

    /// <summary>Where packages come from beside the sources that are configured; empty for nowhere.</summary>
    public static string PackageSources { get; } = Metadata("PackageSources");

    /// <summary>A property of one of the files that are about the whole repository.</summary>
    public static string Property(string file, string name) => XDocument.Load(Path.Combine(Root, file)).Descendants(name).First().Value;

    /// <summary>The version of a package, as the repository has it.</summary>
    public static string PackageVersion(string package) => VersionIn(Path.Combine(Root, "Directory.Packages.props"), package);

    /// <summary>The version of a package in a file of such versions.</summary>
    public static string VersionIn(string file, string package)
    {
        var document = XDocument.Load(file);
        var version = document.Descendants("PackageVersion").Single(element => (string?)element.Attribute("Include") == package).Attribute("Version")!.Value;
        return version.StartsWith("$(", StringComparison.Ordinal) ? document.Descendants(version[2..^1]).First().Value : version;
    }

    static string Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(found => found.Key == key).Value ?? "";
}
