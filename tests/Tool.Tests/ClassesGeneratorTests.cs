using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Tool;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tool.Tests;

/// <summary>From CRDs to the classes under Generated/ and the sample's, which are compiled with these tests, and back.</summary>
public class ClassesGeneratorTests
{
    private const string Namespace = "Tool.Tests.Generated";

    private static string AtCrd => Repository.Path("src", "Sample.Cnat", "crd", "at.yaml");

    private static string BackupCrd => Path.Combine(AppContext.BaseDirectory, "crds", "backup.yaml");

    [Fact]
    public void Generating_the_classes_again_changes_nothing()
    {
        var changes = GeneratedFiles.Write(Repository.Path("tests", "Tool.Tests", "Generated"), ClassesCommand.Files([BackupCrd], Namespace, ClassExtras.All), check: true);

        Assert.Empty(changes);
    }

    [Fact]
    public void Generating_the_samples_class_again_changes_nothing()
    {
        var changes = GeneratedFiles.Write(Repository.Path("src", "Sample.Cnat", "Generated"), ClassesCommand.Files([AtCrd], "Cnat"), check: true);

        Assert.Empty(changes);
    }

    [Theory]
    [InlineData("ats", typeof(Cnat.At))]
    [InlineData("backups", typeof(Generated.V1Backup), typeof(Generated.V1beta1Backup))]
    public void Definitions_survive_the_way_to_classes_and_back(string plural, params Type[] versions)
    {
        var original = KubeYaml.ParseNode(File.ReadAllText(plural == "ats" ? AtCrd : BackupCrd));

        var again = KubeJson.ParseNode(KubeJson.Serialize(CustomResource.Definition(versions)));

        Assert.Equal(CrdComparison.Normal(original).ToJsonString(), CrdComparison.Normal(again).ToJsonString());
    }

    [Fact]
    public void Classes_survive_the_way_to_definitions_and_back()
    {
        using var folder = new TemporaryFolder();
        var definitions = Manifests.Files([typeof(Cnat.At), typeof(Generated.V1Backup), typeof(Generated.V1beta1Backup)], [], "tests");
        foreach (var (path, text) in definitions) File.WriteAllText(folder.Path(path), text);

        var again = ClassesCommand.Files(Directory.GetFiles(folder.Root).Order(StringComparer.Ordinal), Namespace);

        Assert.Equal(["cnat.programming-kubernetes.info_ats.yaml", "store.example.com_backups.yaml"], definitions.Keys);
        foreach (var (path, text) in ClassesCommand.Files([AtCrd, BackupCrd], Namespace)) Assert.Equal(text, again[path]);
    }

    [Fact]
    public void Generated_classes_read_and_write_their_objects()
    {
        const string json = """{"apiVersion":"store.example.com/v1","kind":"Backup","metadata":{"name":"a"},"spec":{"schedule":"* * * * *","mode":"by-hand","retention":{"days":3,"class":"x"},"targets":[{"name":"n","zone":"z","labels":{"a":"b"},"policies":{"p":{"allow":true}}}],"when":"2025-01-31T12:00:00Z","ratio":0.5,"port":80,"capacity":"1Gi","matrix":[[1.5]],"anything":[1],"half":{"known":"k","other":{"x":1}}},"status":{"phase":"Done","conditions":[{"lastTransitionTime":"2025-01-31T12:00:00Z","message":"","reason":"R","status":"True","type":"Ready"}]}}""";

        var backup = KubeJson.Deserialize<Generated.V1Backup>(json);

        Assert.Equal(Generated.V1BackupSpec.ModeValues.ByHand, backup.Spec.Mode);
        Assert.True(backup.Spec.Targets[0].Policies!["p"].Allow);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(KubeJson.SerializeToString(backup))), KubeJson.SerializeToString(backup));
        Assert.Equal("store.example.com/v1", new Generated.V1Backup().ApiVersion);
        Assert.False(ResourceDefinition.For<Generated.V1Backup>().Namespaced);
        Assert.Equal("ats", ResourceDefinition.For<Cnat.At>().Plural);
    }

    [Fact]
    public void Generated_classes_are_records_that_print_no_values()
    {
        var backup = new Generated.V1Backup { Metadata = new() { Name = "a" }, Spec = new Generated.V1BackupSpec { Schedule = "hunter2", Targets = [] } };

        var later = backup with { Spec = backup.Spec with { Schedule = "later" } };

        Assert.Equal(("hunter2", "later"), (backup.Spec.Schedule, later.Spec.Schedule));
        Assert.Same(backup.Spec.Targets, later.Spec.Targets);
        Assert.True(backup == backup with { } && backup != later);
        Assert.Equal(("V1Backup a", "V1BackupSpec"), (backup.ToString(), backup.Spec.ToString()));
    }

    [Fact]
    public void Names_that_a_class_has_already_get_a_number()
    {
        string[] fields = ["clone", "equalityContract", "equals", "getHashCode", "getType", "memberwiseClone", "printMembers", "toString", "finalize", "taken", "$", "$ref", "kind", "metadata", "1st", "a-b", "aB"];
        var properties = $"{{{string.Join(", ", fields.Select(field => $"\"{field}\": {{type: string}}"))}}}";
        var crd = $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: takens.x.test}
            spec:
              group: x.test
              scope: Namespaced
              names: {kind: Taken, plural: takens}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {{properties}} }, kubeGroup: {type: string}, toString: {type: object, properties: {{properties}} } } }
            """;
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("crd.yaml"), crd);

        var files = ClassesCommand.Files([folder.Path("crd.yaml")], "A.B");

        var type = Compiled.Of(folder, files.Values).GetType("A.B.Taken")!;
        Assert.Equal(Versions(KubeYaml.ParseNode(crd)), Versions(KubeJson.ParseNode(KubeJson.Serialize(CustomResource.Definition(type)))));

        static string Versions(JsonNode? definition) => CrdComparison.Normal(definition)["spec"]!["versions"]!.ToJsonString();
    }

    [Theory]
    [InlineData("kind", "../../x"), InlineData("kind", "A{}class B"), InlineData("kind", "A\\nB"), InlineData("plural", "a/b"), InlineData("group", "x\\\"; System.Console.Beep(); //"), InlineData("version", "v1/../x"), InlineData("name", "a\\u2028public class B {}")]
    public void Names_that_no_server_would_take_are_refused_and_never_become_code_or_paths(string part, string hostile)
    {
        string Of(string wanted, string plain) => part == wanted ? hostile : plain;
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("crd.yaml"), $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: "{{Of("name", "as.x.test")}}"}
            spec:
              group: "{{Of("group", "x.test")}}"
              names: {kind: "{{Of("kind", "A")}}", plural: "{{Of("plural", "as")}}"}
              versions: [{name: "{{Of("version", "v1")}}", schema: {openAPIV3Schema: {type: object} } }]
            """);

        var refused = Assert.Throws<GenerateException>(() => ClassesCommand.Files([folder.Path("crd.yaml")], "A.B", ClassExtras.All));

        Assert.Contains("is no such name", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains("outside", Assert.Throws<GenerateException>(() => GeneratedFiles.Write(folder.Path("out"), new Dictionary<string, string> { ["../x.cs"] = "// <auto-generated>" }, check: false)).Message);
    }

    [Fact]
    public void Texts_of_a_definition_never_become_code()
    {
        const string hostile = "*/ x\u2028public class Evil {}\u0085public class Evil {}\rpublic class Evil {} </summary> \u0001 \"\"\" \ud800 \\";
        var text = System.Text.Json.JsonSerializer.Serialize(hostile);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("crd.json"), $$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"as.x.test"},
             "spec":{"group":"x.test","names":{"kind":"My-Kind","plural":"my-kinds","shortNames":[{{text}}],"categories":[{{text}}]},"scope":"Namespaced",
              "versions":[{"name":"v1","served":true,"storage":true,"deprecated":true,"deprecationWarning":{{text}},
               "additionalPrinterColumns":[{"name":{{text}},"jsonPath":{{text}},"type":{{text}},"description":{{text}} }],
               "schema":{"openAPIV3Schema":{"type":"object","description":{{text}},"properties":{"spec":{"type":"object","description":{{text}},"properties":{
                 {{text}}:{"type":"string","pattern":{{text}},"enum":[{{text}},"equals","a-b","a b",""],"default":{{text}},"description":{{text}} },
                 "b":{"type":"array","items":{"type":"string","pattern":{{text}}},"default":[{{text}}],"x-kubernetes-validations":[{"rule":{{text}},"message":{{text}} }]},
                 "c":{"type":"object","x-unknown":{{text}} } } } } } } }] } }
            """);

        var files = ClassesCommand.Files([folder.Path("crd.json")], "A.B", ClassExtras.All);
        GeneratedFiles.Write(folder.Path("out"), files, check: false);

        Assert.All(files.Values, code => Assert.DoesNotContain(CSharpSyntaxTree.ParseText(code).GetRoot().DescendantTokens(), token => token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == "Evil"));
        var type = Compiled.Of(folder, files.Values).GetType("A.B.MyKind")!;
        Assert.Equal("My-Kind", type.GetField("KubeKind")!.GetValue(null));
        Assert.Equal(hostile.Replace("\ud800", "\ufffd"), CustomResource.Definition(type).Spec.Names.Categories[0]);
    }

    [Theory]
    [InlineData("apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: x}", "apiextensions.k8s.io/v1")]
    [InlineData("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}", "lacks .spec.versions")]
    [InlineData("apiVersion: v1\nkind: ConfigMap", "no CustomResourceDefinition")]
    [InlineData("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {group: g, names: {kind: K, plural: ks}, versions: [{name: v1}]}", "has no schema")]
    public void What_is_no_definition_is_refused(string yaml, string says)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("a.yaml"), yaml);

        Assert.Contains(says, Assert.Throws<GenerateException>(() => ClassesCommand.Files([folder.Path("a.yaml")], "A.B")).Message);
        Assert.Contains("not a C# namespace", Assert.Throws<GenerateException>(() => ClassesCommand.Files([folder.Path("a.yaml")], "A.class")).Message);
    }
}
