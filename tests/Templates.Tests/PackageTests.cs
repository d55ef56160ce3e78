using System.Xml.Linq;

namespace Templates.Tests;

/// <summary>What a package says of itself.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Packages =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "templates", "ActorKube.Templates.csproj"))
            .Where(static project => (string?)XDocument.Load(project).Descendants("IsPackable").FirstOrDefault() != "false")
            .Select(static project => Path.GetRelativePath(Repository.Root, project)).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Packages))]
    public void A_package_has_a_description_and_a_readme_of_its_own(string project)
    {
        var path = Path.Combine(Repository.Root, project);
        Assert.InRange(XDocument.Load(path).Descendants("Description").Single().Value.Length, 40, 300);
        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "README.md"));
        Assert.Contains("\n```", readme, StringComparison.Ordinal);
    }
}
