using ActorKube.Tool;

namespace Tool.Tests;

public class ApplyConfigurationsGeneratorTests
{
    [Fact]
    public void Generating_the_apply_configurations_again_changes_nothing()
    {
        var files = ApplyConfigurationWriter.Write(ModelsCommand.BuiltInDocument(), ModelsCommand.BuiltInFacts());

        var changes = GeneratedFiles.Write(Repository.Path("src", "Models", "ApplyConfigurations", "Generated"), files, check: true);

        Assert.Empty(changes);
        Assert.True(files.Count > 400, $"only {files.Count} files");
    }
}
