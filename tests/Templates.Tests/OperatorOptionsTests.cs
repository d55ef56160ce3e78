using System.Text.Json.Nodes;

namespace Templates.Tests;

/// <summary>What each option of the templates does to the files that are made.</summary>
[Collection(TemplateCollection.Name)]
public sealed class OperatorOptionsTests(TemplatePackage package)
{
    async Task<string> OperatorAsync(string name, params string[] arguments)
    {
        var folder = package.Folder(name);
        await package.MakeAsync("actorkube-operator", folder, arguments);
        return folder;
    }

    static string Read(string folder, params string[] path) => File.ReadAllText(Path.Combine([folder, .. path]));

    static string AllOf(string folder) => string.Join('\n', Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => $"{Path.GetRelativePath(folder, file)}\n{File.ReadAllText(file)}"));

    [Fact]
    public async Task Without_options_it_stands_on_this_version_of_the_packages()
    {
        var folder = await OperatorAsync("Shop.HTTPGateway2");
        var versions = Path.Combine(folder, "Directory.Packages.props");
        foreach (var room in (string[])["Hosting", "LocalCluster", "Testing"])
        {
            Assert.Equal(Repository.Property("Directory.Build.props", "Version"), Repository.VersionIn(versions, $"ActorKube.{room}"));
            Assert.True(File.Exists(Path.Combine(Repository.Root, "src", room, $"ActorKube.{room}.csproj")));
        }
        Assert.Equal(Repository.PackageVersion("Akka"), Repository.VersionIn(versions, "Akka.TestKit.Xunit2"));
        foreach (var other in (string[])["Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio"])
            Assert.Equal(Repository.PackageVersion(other), Repository.VersionIn(versions, other));
        Assert.Equal(Repository.Property("Directory.Build.props", "Version"), (string?)JsonNode.Parse(Read(folder, ".config", "dotnet-tools.json"))!["tools"]!["actorkube"]!["version"]);
        Assert.False(File.Exists(Path.Combine(folder, "nuget.config")));
        Assert.False(File.Exists(Path.Combine(folder, "Directory.Build.rsp")));

        // Nothing of the template's own names is left, and none of its markers.
        var all = AllOf(folder);
        foreach (var left in (string[])["Sprocket", "sprocket", "OperatorName", "OperatorSpace", "operator-name", "template.example", "v0template", "ACTORKUBE", "#if", "#else", "#endif", "ActorKubeSource", "ebhook"])
            Assert.DoesNotContain(left, all, StringComparison.Ordinal);
        // Names that derive from the operator's.
        Assert.Contains("namespace Shop.HTTPGateway2;", Read(folder, "src", "Shop.HTTPGateway2", "Controllers.cs"), StringComparison.Ordinal);
        Assert.Contains("name: shop-http-gateway2-system\n", Read(folder, "config", "namespace.yaml"), StringComparison.Ordinal);
        Assert.Contains("USER 1654", Read(folder, "Dockerfile"), StringComparison.Ordinal);
        Assert.Contains("\"Shop.HTTPGateway2.dll\"", Read(folder, "Dockerfile"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, ".gitignore")) && File.Exists(Path.Combine(folder, ".editorconfig")) && File.Exists(Path.Combine(folder, ".dockerignore")));
    }

    [Fact]
    public async Task A_source_and_a_version_of_packages_can_be_named()
    {
        var folder = await OperatorAsync("Shop", "--package-source", "/feeds/actorkube", "--actorkube-version", "9.8.7", "--actor-runtime", "akka");
        Assert.Contains("value=\"/feeds/actorkube\"", Read(folder, "nuget.config"), StringComparison.Ordinal);
        Assert.Equal("9.8.7", Repository.VersionIn(Path.Combine(folder, "Directory.Packages.props"), "ActorKube.Hosting"));
        Assert.Contains("9.8.7", Read(folder, ".config", "dotnet-tools.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_clone_the_runtime_is_chosen_for_all_that_is_built()
    {
        var local = await OperatorAsync("Shop", "--actorkube-source", "/src/actorkube");
        Assert.Contains(">/src/actorkube</ActorKubeSource>", Read(local, "Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains("Akka.Local.TestKit", Read(local, "tests", "Shop.Tests", "Shop.Tests.csproj"), StringComparison.Ordinal);
        Assert.DoesNotContain("PackageReference Include=\"A", AllOf(local), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(local, "Directory.Build.rsp")));
        Assert.False(Directory.Exists(Path.Combine(local, ".config")));
        Assert.Contains("COPY --from=actorkube", Read(local, "Dockerfile"), StringComparison.Ordinal);

        var akka = await OperatorAsync("Shop", "--actorkube-source", "/src/actorkube", "--actor-runtime", "akka");
        // For what is built, and for what is restored: the SDK tells these apart.
        Assert.Equal(["-p:ActorRuntime=akka", "-restoreProperty:ActorRuntime=akka"], Read(akka, "Directory.Build.rsp").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("PackageReference Include=\"Akka.TestKit.Xunit2\"", Read(akka, "tests", "Shop.Tests", "Shop.Tests.csproj"), StringComparison.Ordinal);
        Assert.DoesNotContain("Akka.Local", AllOf(akka), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_local_runtime_is_in_no_package_and_asks_for_a_clone() =>
        Assert.Contains("--actorkube-source", await package.RefusalAsync("actorkube-operator", package.Folder("Shop"), "--actor-runtime", "local"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Backup", "backups")]
    [InlineData("policy", "policies", "Policy")]
    [InlineData("GatewayClass", "gatewayclasses")]
    [InlineData("Mouse", "mice", null, "--plural", "mice")]
    public async Task Names_are_made_from_the_kind(string kind, string plural, string? type = null, params string[] more)
    {
        type ??= kind;
        var folder = await OperatorAsync("Shop", ["--kind", kind, "--group", "shop.acme.io", "--kind-version", "v1beta2", .. more]);
        var text = Read(folder, "src", "Shop", $"{type}.cs");
        Assert.Contains("KubeGroup = \"shop.acme.io\"", text, StringComparison.Ordinal);
        Assert.Contains("KubeApiVersion = \"v1beta2\"", text, StringComparison.Ordinal);
        Assert.Contains($"KubeKind = \"{type}\"", text, StringComparison.Ordinal);
        Assert.Contains($"KubePluralName = \"{plural}\"", text, StringComparison.Ordinal);
        Assert.Contains($"name: {plural}.shop.acme.io\n", Read(folder, "config", "generated", $"shop.acme.io_{plural}.yaml"), StringComparison.Ordinal);
        Assert.Contains($"- generated/shop.acme.io_{plural}.yaml\n", Read(folder, "config", "kustomization.yaml"), StringComparison.Ordinal);
    }
}
