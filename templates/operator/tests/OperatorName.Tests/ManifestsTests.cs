using ActorKube.Models;

namespace OperatorSpace.Tests;

/// <summary>The manifests that are checked in are what the classes say.</summary>
public sealed class ManifestsTests
{
    static readonly string Config = Path.Combine(AppContext.BaseDirectory, "config");

    [Fact]
    public void Definitions_and_roles_are_as_the_classes_say()
    {
        //#if (webhooks)
        var wanted = Manifests.Files(typeof(Controllers).Assembly, Controllers.Name, Webhooks.InManifests);
        //#else
        var wanted = Manifests.Files(typeof(Controllers).Assembly, Controllers.Name);
        //#endif
        var found = Directory.GetFiles(Path.Combine(Config, "generated")).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
        var differ = wanted.Keys.Union(found.Keys).Where(file => wanted.GetValueOrDefault(file) != found.GetValueOrDefault(file)?.ReplaceLineEndings("\n")).Order();
        Assert.True(!differ.Any(), $"config/generated is out of date ({string.Join(", ", differ)}): run dotnet build -t:Manifests src/OperatorName");
    }

    [Fact]
    public void Every_generated_file_is_installed()
    {
        var installed = File.ReadAllText(Path.Combine(Config, "kustomization.yaml"));
        Assert.All(Directory.GetFiles(Path.Combine(Config, "generated")), file => Assert.Contains($"- generated/{Path.GetFileName(file)}\n", installed.ReplaceLineEndings("\n"), StringComparison.Ordinal));
    }
}
