using System.Reflection.PortableExecutable;

namespace Cnat.Tests;

/// <summary>What build/Precompile.targets promises of a program that asks for it.</summary>
public sealed class PrecompiledProgramTests
{
    static readonly string Here = AppContext.BaseDirectory;

    [Fact]
    public void Program_built_for_release_carries_native_code_of_each_assembly_of_the_repository_where_the_compiler_can_be_had()
    {
        // tests/Sample.Cnat.Tests/bin/FLAVOUR/CONFIGURATION/net10.0 and src/Sample.Cnat/bin/FLAVOUR/CONFIGURATION/net10.0
        var output = Here.Replace(Path.Combine("tests", "Sample.Cnat.Tests"), Path.Combine("src", "Sample.Cnat"), StringComparison.Ordinal);
        var assemblies = Directory.GetFiles(output, "ActorKube.*.dll").Append(Path.Combine(output, "cnat.dll")).ToArray();
        var expected = Here.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && HasCompiler;

        Assert.True(assemblies.Length > 6, $"{output} holds {assemblies.Length} assemblies");
        Assert.All(assemblies, assembly => Assert.True(HasNativeCode(assembly) == expected, $"{Path.GetFileName(assembly)}: native code expected: {expected}"));
    }

    static bool HasNativeCode(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    static bool HasCompiler
    {
        get
        {
            var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own
                ? own
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Directory.Exists(packages) && Directory.GetDirectories(packages, "microsoft.netcore.app.crossgen2.*").Length > 0;
        }
    }
}
