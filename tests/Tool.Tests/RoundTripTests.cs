using System.Reflection;
using ActorKube.Models;
using ActorKube.Tool;
using k8s.Models;

namespace Tool.Tests;

/// <summary>What a definition says survives the way to classes and back, and the classes the way to a definition and back.</summary>
public sealed class RoundTripTests
{
    private const int Definitions = 40;

    [Fact]
    public void Any_definition_survives_the_way_to_classes_and_back_and_so_do_the_classes()
    {
        using var folder = new TemporaryFolder();
        var random = new RandomCrds(seed: 20261128);
        var crds = Enumerable.Range(0, Definitions).Select(random.Next).ToList();
        var code = new List<SortedDictionary<string, string>>();
        for (var i = 0; i < crds.Count; i++)
        {
            File.WriteAllText(folder.Path($"{i}.yaml"), KubeYaml.Serialize(crds[i]));
            code.Add(ClassesCommand.Files([folder.Path($"{i}.yaml")], $"Random.N{i}", ClassExtras.All));
        }

        var assembly = Compiled.Of(folder, code.SelectMany(files => files.Values));

        for (var i = 0; i < crds.Count; i++)
        {
            Type[] versions = [.. assembly.GetTypes().Where(type => type.Namespace == $"Random.N{i}" && type.GetCustomAttribute<KubernetesEntityAttribute>() is not null)];
            var definition = CustomResource.Definition(versions);
            Assert.Equal(CrdComparison.Normal(crds[i]).ToJsonString(), CrdComparison.Normal(KubeJson.ParseNode(KubeJson.Serialize(definition))).ToJsonString());

            File.WriteAllText(folder.Path("again.yaml"), KubeYaml.Serialize(definition));
            foreach (var (path, text) in ClassesCommand.Files([folder.Path("again.yaml")], $"Random.N{i}", ClassExtras.All)) Assert.Equal(code[i][path], text);
        }
    }
}
