namespace Templates.Tests;

/// <summary>The package is made once, for all tests of templates.</summary>
[CollectionDefinition(Name)]
public sealed class TemplateCollection : ICollectionFixture<TemplatePackage>
{
    /// <summary>What its tests say.</summary>
    public const string Name = "templates";
}

/// <summary>The template package, packed from this repository and installed for these tests alone; and a folder for what is made from it.</summary>
public sealed class TemplatePackage : IAsyncLifetime
{
    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("actorkube-templates-");
    int _made;

    string Hive => Path.Combine(_root.FullName, "hive");

    public async Task InitializeAsync()
    {
        var packages = _root.CreateSubdirectory("packages");
        await Dotnet.SucceedAsync(
            _root.FullName, "pack", Path.Combine(Repository.Root, "templates"), "-c", Repository.Configuration, "-o", packages.FullName, "-v", "q", $"-p:ActorRuntime={Repository.ActorRuntime}");
        await Dotnet.SucceedAsync(_root.FullName, "new", "install", Assert.Single(packages.GetFiles("ActorKube.Templates.*.nupkg")).FullName, "--debug:custom-hive", Hive);
    }

    public Task DisposeAsync()
    {
        _root.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A folder that is nobody else's.</summary>
    public string Folder(string name) => Path.Combine(_root.FullName, $"{Interlocked.Increment(ref _made)}", name);

    /// <summary>Makes something from one of the templates.</summary>
    /// <param name="template">Its short name.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="arguments">What else to say.</param>
    public Task<string> MakeAsync(string template, string folder, params string[] arguments) =>
        Dotnet.SucceedAsync(Directory.CreateDirectory(folder).FullName, ["new", template, "-o", folder, "--no-update-check", "--debug:custom-hive", Hive, .. arguments]);

    /// <summary>Makes nothing, as it should not.</summary>
    /// <returns>What was said.</returns>
    public async Task<string> RefusalAsync(string template, string folder, params string[] arguments)
    {
        var (code, output) = await Dotnet.RunAsync(Directory.CreateDirectory(folder).FullName, ["new", template, "-o", folder, "--no-update-check", "--debug:custom-hive", Hive, .. arguments]);
        Assert.NotEqual(0, code);
        return output;
    }
}
