using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Tool;
using k8s;
using k8s.Models;

namespace Tool.Tests;

/// <summary>From classes as one writes them by hand to definitions and roles.</summary>
public class CrdsGeneratorTests
{
    [Fact]
    public void A_class_says_all_that_its_definition_needs()
    {
        var definition = CustomResource.Definition<Garden>();

        Assert.Equal("gardens.plants.example.com", definition.Metadata.Name);
        Assert.Equal(("Garden", "GardenList", "gardens", "garden", "Namespaced"), (definition.Spec.Names.Kind, definition.Spec.Names.ListKind, definition.Spec.Names.Plural, definition.Spec.Names.Singular, definition.Spec.Scope));
        Assert.Equal(["gd"], definition.Spec.Names.ShortNames);
        var version = Assert.Single(definition.Spec.Versions);
        Assert.True(version is { Storage: true, Served: true, Name: "v1" });
        Assert.NotNull(version.Subresources.Status);
        Assert.Equal(
            [("Soil", ".spec.soil", "string", (string?)null), ("Planted", ".status.planted", "date", null), ("Age", ".metadata.creationTimestamp", "date", null)],
            version.AdditionalPrinterColumns.Select(column => (column.Name, column.JsonPath, column.Type, (string?)column.Description)));
    }

    [Fact]
    public void A_schema_has_what_the_class_reads_and_writes()
    {
        var schema = Schema<Garden>();

        JsonAssert(
            """
            {"description":"What it grows in.","type":"string","enum":["Clay","loam"],"default":"Clay"}
            """, schema["properties"]!["spec"]!["properties"]!["soil"]);
        JsonAssert("""{"type":"integer","format":"int32","minimum":1,"maximum":50}""", schema["properties"]!["spec"]!["properties"]!["beds"]);
        JsonAssert("""{"type":"object","additionalProperties":{"type":"array","items":{"type":"string","format":"date-time"}}}""", schema["properties"]!["spec"]!["properties"]!["watering"]);
        JsonAssert("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}""", schema["properties"]!["spec"]!["properties"]!["tags"]);
        JsonAssert("""["name","soil"]""", new JsonArray([.. schema["properties"]!["spec"]!["required"]!.AsArray().Select(name => name!.DeepClone()).OrderBy(name => (string)name!)]));
        Assert.False(schema["properties"]!["spec"]!["properties"]!.AsObject().ContainsKey("ignored"));
        Assert.Equal("A garden.\nWith a second paragraph about spec.", (string?)schema["description"]);
        JsonAssert("""[{"rule":"self.beds > 0","message":"no beds"}]""", schema["properties"]!["spec"]!["x-kubernetes-validations"]);
    }

    [Fact]
    public void Kubernetes_own_types_are_spelt_out()
    {
        var spec = Schema<Garden>()["properties"]!["spec"]!["properties"]!;

        JsonAssert("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", spec["pod"]!["properties"]!["metadata"]);
        var containers = spec["pod"]!["properties"]!["spec"]!["properties"]!["containers"]!;
        Assert.Equal("map", (string?)containers["x-kubernetes-list-type"]);
        JsonAssert("""["name"]""", containers["items"]!["required"]);
        Assert.Equal("TCP", (string?)containers["items"]!["properties"]!["ports"]!["items"]!["properties"]!["protocol"]!["default"]);
        JsonAssert("""["containerPort"]""", containers["items"]!["properties"]!["ports"]!["items"]!["required"]);
        Assert.True((bool?)containers["items"]!["properties"]!["resources"]!["properties"]!["limits"]!["additionalProperties"]!["x-kubernetes-int-or-string"]);
        Assert.Equal("map", (string?)Schema<Garden>()["properties"]!["status"]!["properties"]!["conditions"]!["x-kubernetes-list-type"]);
    }

    [Theory]
    [InlineData(typeof(Endless), "contains itself at .spec.inner")]
    [InlineData(typeof(Keyed), "no field 'name'")]
    [InlineData(typeof(Numbered), "keys of a map are text")]
    [InlineData(typeof(Groupless), "has no group")]
    [InlineData(typeof(string), "[KubernetesEntity")]
    public void What_no_definition_can_have_is_refused(Type type, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => CustomResource.Definition(type)).Message);

    [Fact]
    public void Of_several_versions_exactly_one_is_stored()
    {
        Assert.Contains("0 versions", Assert.Throws<ArgumentException>(() => CustomResource.Definition(typeof(Garden), typeof(GardenBeta))).Message);
        Assert.Contains("not a version of", Assert.Throws<ArgumentException>(() => CustomResource.Definition(typeof(Garden), typeof(Keyed))).Message);
    }

    [Fact]
    public void Rules_for_the_same_things_become_one()
    {
        var roles = RbacRules.Roles(
            [
                new RbacRuleAttribute { Groups = ["apps"], Resources = ["deployments"], Verbs = ["list", "get"] },
                new RbacRuleAttribute { Groups = ["apps"], Resources = ["deployments", "replicasets"], Verbs = ["watch"] },
                new RbacRuleAttribute { Groups = ["apps"], Resources = ["replicasets"], Verbs = ["get", "list"] },
                new RbacRuleAttribute { Resources = ["pods"], ResourceNames = ["b", "a"], Verbs = ["delete"] },
                new RbacRuleAttribute { NonResourceUrls = ["/metrics"], Verbs = ["get"] },
                new RbacRuleAttribute { Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = ["*"], Namespace = "system" },
            ], "gardener");

        Assert.Equal(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              name: gardener
            rules:
            - nonResourceURLs:
              - /metrics
              verbs:
              - get
            - apiGroups:
              - ""
              resourceNames:
              - a
              - b
              resources:
              - pods
              verbs:
              - delete
            - apiGroups:
              - apps
              resources:
              - deployments
              - replicasets
              verbs:
              - get
              - list
              - watch
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: gardener
              namespace: system
            rules:
            - apiGroups:
              - coordination.k8s.io
              resources:
              - leases
              verbs:
              - "*"

            """.ReplaceLineEndings("\n"), KubeYaml.SerializeAll<object>(roles));
        Assert.Throws<ArgumentException>(() => RbacRules.Roles([new RbacRuleAttribute { Resources = ["pods"] }], "x"));
        Assert.Throws<ArgumentException>(() => RbacRules.Roles([new RbacRuleAttribute { Verbs = ["get"] }], "x"));
        Assert.Empty(RbacRules.Roles([], "x"));
    }

    [Fact]
    public void Definitions_and_roles_are_written_and_drift_is_seen()
    {
        using var folder = new TemporaryFolder();
        var files = Manifests.Files([typeof(Garden)], RbacRules.Roles([new RbacRuleAttribute { Resources = ["pods"], Verbs = ["get"] }], "r"), "tests");

        GeneratedFiles.Write(folder.Root, files, check: false);
        Assert.Empty(GeneratedFiles.Write(folder.Root, files, check: true));
        Assert.Equal("Garden", KubeYaml.Load<V1CustomResourceDefinition>(File.ReadAllText(folder.Path("plants.example.com_gardens.yaml"))).Spec.Names.Kind);
        File.AppendAllText(folder.Path("role.yaml"), "\n");

        var output = new StringWriter();
        Assert.Equal(1, GenerateCommand.Finish(folder.Root, files, check: true, output));
        Assert.Contains("differs: role.yaml", output.ToString());
    }

    [Fact]
    public void Of_many_classes_each_kind_has_one_definition_with_all_its_versions()
    {
        var definitions = Manifests.Definitions([typeof(Generated.V1beta1Backup), typeof(string), typeof(Cnat.At), typeof(Generated.V1Backup)]);

        Assert.Equal([("ats.cnat.programming-kubernetes.info", 1), ("backups.store.example.com", 2)], definitions.Select(definition => (definition.Metadata.Name, definition.Spec.Versions.Count)));
        Assert.Empty(Manifests.Files([typeof(string)], [], "tests"));
    }

    [Fact]
    public async Task The_command_line_says_what_is_wrong()
    {
        Assert.Equal(2, await GenerateCommand.Create().Parse("crds --assembly /nowhere/a.dll --output /nowhere").InvokeAsync());
        Assert.NotEqual(0, await GenerateCommand.Create().Parse("classes --crd /nowhere/a.yaml --namespace A --output /nowhere").InvokeAsync());
    }

    [Fact]
    public async Task An_assembly_gives_its_definitions()
    {
        using var folder = new TemporaryFolder();

        // This one has classes that are refused; the message must reach the user as an exit code, not as a crash.
        Assert.Equal(2, await GenerateCommand.Create().Parse($"crds --assembly {typeof(CrdsGeneratorTests).Assembly.Location} --output {folder.Root}").InvokeAsync());
    }

    private static JsonNode Schema<T>() => KubeJson.ParseNode(KubeJson.Serialize(CustomResource.Definition<T>().Spec.Versions[0].Schema.OpenAPIV3Schema))!;

    private static void JsonAssert(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual?.ToJsonString() ?? "null")), actual?.ToJsonString());
}

public enum Soil
{
    Clay,

    [System.Text.Json.Serialization.JsonStringEnumMemberName("loam")]
    Loam,
}

/// <summary>
/// A garden.
///
/// With a <b>second</b> paragraph
/// about <see cref="GardenSpec">spec</see>.
/// </summary>
[KubernetesEntity(Group = "plants.example.com", ApiVersion = "v1", Kind = "Garden", PluralName = "gardens")]
[ShortNames("gd")]
[PrinterColumn("Age", JsonPath = ".metadata.creationTimestamp", Type = "date")]
public sealed class Garden : KubernetesObject, IKubernetesObject<V1ObjectMeta>, IStatus<GardenStatus?>
{
    public V1ObjectMeta Metadata { get; set; } = new();

    public GardenSpec Spec { get; set; } = new() { Name = "" };

    public GardenStatus? Status { get; set; }
}

[ValidationRule("self.beds > 0", Message = "no beds")]
public sealed class GardenSpec
{
    public required string Name { get; set; }

    /// <summary>What it grows in.</summary>
    [PrinterColumn("Soil"), Required, DefaultValue(Tool.Tests.Soil.Clay)]
    public Soil Soil { get; set; }

    [Range(1, 50)]
    public int Beds { get; set; }

    public Dictionary<string, List<DateTimeOffset>>? Watering { get; set; }

    public HashSet<string>? Tags { get; set; }

    public V1PodTemplateSpec? Pod { get; set; }

    [System.Text.Json.Serialization.JsonIgnore]
    public string? Ignored { get; set; }
}

public sealed class GardenStatus
{
    [PrinterColumn("Planted")]
    public DateTime? Planted { get; set; }

    [ListType(ListType.Map, "type")]
    public IList<V1Condition>? Conditions { get; set; }
}

[KubernetesEntity(Group = "plants.example.com", ApiVersion = "v1beta1", Kind = "Garden", PluralName = "gardens")]
public sealed class GardenBeta : KubernetesObject;

[KubernetesEntity(Group = "plants.example.com", ApiVersion = "v1", Kind = "Endless", PluralName = "endlesses")]
public sealed class Endless : KubernetesObject
{
    public EndlessSpec? Spec { get; set; }
}

public sealed class EndlessSpec
{
    public EndlessSpec? Inner { get; set; }
}

[KubernetesEntity(Group = "plants.example.com", ApiVersion = "v1", Kind = "Keyed", PluralName = "keyeds")]
public sealed class Keyed : KubernetesObject
{
    [ListType(ListType.Map, "name")]
    public List<EntryWithoutName>? Entries { get; set; }
}

public sealed class EntryWithoutName
{
    public string? Key { get; set; }
}

[KubernetesEntity(Group = "plants.example.com", ApiVersion = "v1", Kind = "Numbered", PluralName = "numbereds")]
public sealed class Numbered : KubernetesObject
{
    public Dictionary<int, string>? Entries { get; set; }
}

[KubernetesEntity(ApiVersion = "v1", Kind = "Groupless", PluralName = "grouplesses")]
public sealed class Groupless : KubernetesObject;
