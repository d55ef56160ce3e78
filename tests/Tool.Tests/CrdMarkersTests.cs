using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Tool.Tests;

/// <summary>Every word that a class has for its definition.</summary>
public sealed class CrdMarkersTests
{
    private static readonly JsonObject Definition = (JsonObject)KubeJson.ParseNode(KubeJson.Serialize(CustomResource.Definition(typeof(OrchardV1), typeof(OrchardV1Beta1), typeof(OrchardV1Alpha1))))!;

    private static JsonObject Version(string name) => Definition["spec"]!["versions"]!.AsArray().Select(version => version!.AsObject()).Single(version => (string?)version["name"] == name);

    private static JsonNode? Schema(string path) =>
        path.Split('.').Aggregate((JsonNode?)Version("v1")["schema"]!["openAPIV3Schema"], (schema, name) => name == "[]" ? schema!["items"] : name == "{}" ? schema!["additionalProperties"] : schema!["properties"]![name]);

    private static void Is(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual?.ToJsonString() ?? "null")), actual?.ToJsonString());

    [Fact]
    public void Names_and_scope()
    {
        Is("""{"kind":"Orchard","listKind":"Orchards","plural":"orchards","singular":"orch","shortNames":["or","oc"],"categories":["all","fruit"]}""", Definition["spec"]!["names"]);
        Assert.Equal("Cluster", (string?)Definition["spec"]!["scope"]);
        Assert.Equal("orchards.fruit.example.com", (string?)Definition["metadata"]!["name"]);
    }

    [Fact]
    public void Versions_one_of_which_is_stored()
    {
        Is("""["v1","v1alpha1","v1beta1"]""", new JsonArray([.. Definition["spec"]!["versions"]!.AsArray().Select(version => version!["name"]!.DeepClone())]));
        Assert.Equal(["v1"], Definition["spec"]!["versions"]!.AsArray().Where(version => (bool)version!["storage"]!).Select(version => (string?)version!["name"]));
        Assert.Equal((true, "use v1"), ((bool)Version("v1beta1")["deprecated"]!, (string?)Version("v1beta1")["deprecationWarning"]));
        Assert.Equal((true, false, null), ((bool)Version("v1alpha1")["deprecated"]!, (bool)Version("v1alpha1")["served"]!, Version("v1alpha1")["deprecationWarning"]));
    }

    [Fact]
    public void Subresources_columns_and_selectable_fields()
    {
        Is("""{"status":{},"scale":{"specReplicasPath":".spec.trees","statusReplicasPath":".status.trees","labelSelectorPath":".status.selector"}}""", Version("v1")["subresources"]);
        Is(
            """
            [{"name":"Sort","type":"string","jsonPath":".spec.sort","description":"What grows.","priority":1},
             {"name":"Trees","type":"integer","jsonPath":".spec.trees","format":"int32"},
             {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}]
            """, Version("v1")["additionalPrinterColumns"]);
        Is("""[{"jsonPath":".spec.sort"},{"jsonPath":".spec.owner"}]""", Version("v1")["selectableFields"]);
    }

    [Fact]
    public void The_webhook_that_converts_is_said_on_one_version_and_may_be_repeated()
    {
        static JsonNode? Conversion(params Type[] versions) => KubeJson.ParseNode(KubeJson.Serialize(CustomResource.Definition(versions).Spec.Conversion));
        Is("""{"strategy":"Webhook","webhook":{"clientConfig":{"service":{"name":"barn","namespace":"farm","path":"/convert","port":8443},"caBundle":"YQ=="},"conversionReviewVersions":["v1","v1beta1"]}}""",
            Conversion(typeof(BarnV1), typeof(BarnV2), typeof(BarnV3)));
        Is("""{"strategy":"Webhook","webhook":{"clientConfig":{"url":"https://barn.example.com"},"conversionReviewVersions":["v1"]}}""", Conversion(typeof(BarnElsewhere)));
        Is("null", Conversion(typeof(OrchardV1Beta1)));
        Assert.Contains("different conversion webhooks", Assert.Throws<ArgumentException>(() => CustomResource.Definition(typeof(BarnV1), typeof(BarnElsewhere))).Message);
        foreach (var (wrong, says) in new[] { (typeof(BarnNowhere), "either Url, or"), (typeof(BarnTwice), "either Url, or"), (typeof(BarnHalf), "either Url, or"), (typeof(BarnUntrusted), "not base64"), (typeof(BarnMute), "some version") })
            Assert.Contains(says, Assert.Throws<ArgumentException>(() => CustomResource.Definition(wrong)).Message);
    }

    [Fact]
    public void Elements_are_of_lists_and_maps() =>
        Assert.Contains(".spec is neither a list nor a map", Assert.Throws<ArgumentException>(() => CustomResource.Definition(typeof(BarnWithoutElements))).Message);

    [Theory]
    [InlineData("spec.sort", """{"type":"string","description":"The sort, as \u003Ccode\u003E. \u0026 so on.","enum":["apple","pear"],"default":"apple"}""")]
    [InlineData("spec.trees", """{"type":"integer","format":"int32","minimum":1,"maximum":500,"exclusiveMaximum":true}""")]
    [InlineData("spec.height", """{"type":"number","format":"double","minimum":0.5}""")]
    [InlineData("spec.owner", """{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":30}""")]
    [InlineData("spec.code", """{"type":"string","minLength":3,"maxLength":9}""")]
    [InlineData("spec.mail", """{"type":"string","format":"email","nullable":true}""")]
    [InlineData("spec.plain", """{"type":"integer"}""")]
    [InlineData("spec.rows", """{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":4,"x-kubernetes-list-type":"atomic"}""")]
    [InlineData("spec.tags", """{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}""")]
    [InlineData("spec.beds", """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"zone":{"type":"string"}},"required":["name","zone"]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","zone"],"default":[{"name":"first","zone":"a"}]}""")]
    [InlineData("spec.prices", """{"type":"object","additionalProperties":{"type":"integer","format":"int64"},"minProperties":1,"maxProperties":7,"x-kubernetes-map-type":"atomic"}""")]
    [InlineData("spec.names", """{"type":"array","items":{"type":"string","pattern":"^[a-z]+$","enum":["aa","bb"],"minLength":2,"maxLength":63,"nullable":true,"x-kubernetes-validations":[{"rule":"self != oldSelf","message":"no"}]},"maxItems":10,"x-kubernetes-validations":[{"rule":"self.all(x, x != 'cc')"}]}""")]
    [InlineData("spec.weights", """{"type":"object","additionalProperties":{"type":"number","minimum":0,"maximum":12.5,"exclusiveMaximum":true}}""")]
    [InlineData("spec.grid", """{"type":"array","items":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}}""")]
    [InlineData("spec.mails", """{"type":"array","items":{"type":"string","format":"email"}}""")]
    [InlineData("spec.share", """{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true}""")]
    [InlineData("spec.port", """{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true,"default":80}""")]
    [InlineData("spec.water.pattern", null)]
    [InlineData("spec.free", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")]
    [InlineData("spec.anything", """{"x-kubernetes-preserve-unknown-fields":true}""")]
    [InlineData("spec.shed", """{"type":"object","properties":{"roof":{"type":"string"}},"x-kubernetes-preserve-unknown-fields":true,"x-kubernetes-map-type":"atomic"}""")]
    [InlineData("spec.template", """{"type":"object","x-kubernetes-preserve-unknown-fields":true,"x-kubernetes-embedded-resource":true}""")]
    [InlineData("spec.multiple", """{"type":"integer","format":"int32","multipleOf":5}""")]
    [InlineData("spec.picked", """{"type":"string","format":"date-time"}""")]
    [InlineData("spec.key", """{"type":"string","format":"byte"}""")]
    [InlineData("spec.grace", """{"type":"string"}""")]
    public void Fields(string path, string? expected)
    {
        if (expected is not null) Is(expected, Schema(path));
        else Assert.NotNull(Schema("spec.water")!["pattern"]);
    }

    [Fact]
    public void Rules()
    {
        Is("""[{"rule":"self.trees >= size(self.rows)","message":"too many rows","reason":"FieldValueInvalid","fieldPath":".rows"}]""", Schema("spec")!["x-kubernetes-validations"]);
        Is("""[{"rule":"self == oldSelf","messageExpression":"'it was ' + oldSelf","optionalOldSelf":true},{"rule":"self != 'x'"}]""", Schema("spec.fixed")!["x-kubernetes-validations"]);
        Is("""["owner","sort"]""", new JsonArray([.. Schema("spec")!["required"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal).Select(name => (JsonNode?)name)]));
    }
}

[KubernetesEntity(Group = "fruit.example.com", ApiVersion = "v1", Kind = "Orchard", PluralName = "orchards")]
[EntityScope(EntityScope.Cluster)]
[ResourceNames(Singular = "orch", ListKind = "Orchards")]
[ShortNames("or", "oc")]
[Categories("all", "fruit")]
[ResourceVersion(Storage = true)]
[ScaleSubresource(".spec.trees", ".status.trees", LabelSelectorPath = ".status.selector")]
[PrinterColumn("Age", JsonPath = ".metadata.creationTimestamp", Type = "date")]
[SelectableField(".spec.owner")]
public sealed class OrchardV1 : KubernetesObject, IKubernetesObject<V1ObjectMeta>, ISpec<OrchardSpec?>, IStatus<OrchardStatus?>
{
    public V1ObjectMeta Metadata { get; set; } = new();

    public OrchardSpec? Spec { get; set; }

    public OrchardStatus? Status { get; set; }
}

[KubernetesEntity(Group = "fruit.example.com", ApiVersion = "v1beta1", Kind = "Orchard", PluralName = "orchards")]
[EntityScope(EntityScope.Cluster)]
[ResourceVersion(DeprecationWarning = "use v1")]
public sealed class OrchardV1Beta1 : KubernetesObject;

[KubernetesEntity(Group = "fruit.example.com", ApiVersion = "v1alpha1", Kind = "Orchard", PluralName = "orchards")]
[EntityScope(EntityScope.Cluster)]
[ResourceVersion(Served = false, Deprecated = true)]
public sealed class OrchardV1Alpha1 : KubernetesObject;

[ValidationRule("self.trees >= size(self.rows)", Message = "too many rows", Reason = "FieldValueInvalid", FieldPath = ".rows")]
public sealed class OrchardSpec
{
    /// <summary>The sort, as &lt;code&gt;. &amp; so on.</summary>
    [PrinterColumn("Sort", Description = "What grows.", Priority = 1), SelectableField, AllowedValues("apple", "pear"), DefaultValue("apple"), Required]
    public string Sort { get; set; } = "";

    [PrinterColumn("Trees", Format = "int32"), Range(1, 500, MaximumIsExclusive = true)]
    public int Trees { get; set; }

    [Range(0.5, double.PositiveInfinity)]
    public double Height { get; set; }

    [RegularExpression("^[a-z]+$"), MinLength(2), MaxLength(30)]
    public required string Owner { get; set; }

    [StringLength(9, MinimumLength = 3)]
    public string? Code { get; set; }

    [SchemaFormat("email"), NullableField]
    public string? Mail { get; set; }

    [SchemaFormat("")]
    public int Plain { get; set; }

    [MinLength(1), MaxLength(4), ListType(ListType.Atomic)]
    public List<string>? Rows { get; set; }

    [ListType(ListType.Set)]
    public IList<string>? Tags { get; set; }

    [ListType(ListType.Map, "name", "zone"), DefaultValue("""[{"name":"first","zone":"a"}]""")]
    public IList<Bed>? Beds { get; set; }

    [MinLength(1), MaxLength(7), AtomicMap]
    public Dictionary<string, long>? Prices { get; set; }

    [MaxLength(10), Elements(Pattern = "^[a-z]+$", MinLength = 2, MaxLength = 63, AllowedValues = new object[] { "aa", "bb" }, IsNullable = true)]
    [ValidationRule("self.all(x, x != 'cc')"), ValidationRule("self != oldSelf", Message = "no", OfElements = true)]
    public IList<string>? Names { get; set; }

    [Elements(Minimum = 0, Maximum = 12.5, MaximumIsExclusive = true, Format = "")]
    public Dictionary<string, double>? Weights { get; set; }

    [Elements(MinLength = 1, MaxLength = 2)]
    public List<List<string>>? Grid { get; set; }

    [Elements(Format = "email")]
    public List<string>? Mails { get; set; }

    public IntstrIntOrString? Share { get; set; }

    [DefaultValue(80)]
    public IntOrString? Port { get; set; }

    public ResourceQuantity? Water { get; set; }

    public JsonObject? Free { get; set; }

    public object? Anything { get; set; }

    public Shed? Shed { get; set; }

    [EmbeddedResource]
    public JsonObject? Template { get; set; }

    [SchemaJson("""{"multipleOf": 5}""")]
    public int Multiple { get; set; }

    public DateTimeOffset? Picked { get; set; }

    public byte[]? Key { get; set; }

    public Duration? Grace { get; set; }

    [ValidationRule("self == oldSelf", MessageExpression = "'it was ' + oldSelf", OptionalOldSelf = true), ValidationRule("self != 'x'")]
    public string? Fixed { get; set; }
}

public sealed class Bed
{
    [Required]
    public string Name { get; set; } = "";

    public required string Zone { get; set; }
}

[PreserveUnknownFields, AtomicMap]
public sealed class Shed
{
    public string? Roof { get; set; }
}

public sealed class OrchardStatus
{
    public int Trees { get; set; }

    public string? Selector { get; set; }
}

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns")]
[ResourceVersion(Storage = true)]
[ConversionWebhook(ServiceName = "barn", ServiceNamespace = "farm", ServicePath = "/convert", ServicePort = 8443, CaBundle = "YQ==", ReviewVersions = new[] { "v1", "v1beta1" })]
public sealed class BarnV1 : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v2", Kind = "Barn", PluralName = "barns")]
[ConversionWebhook(ServiceName = "barn", ServiceNamespace = "farm", ServicePath = "/convert", ServicePort = 8443, CaBundle = "YQ==", ReviewVersions = new[] { "v1", "v1beta1" })]
public sealed class BarnV2 : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v3", Kind = "Barn", PluralName = "barns")]
public sealed class BarnV3 : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v4", Kind = "Barn", PluralName = "barns")]
[ConversionWebhook(Url = "https://barn.example.com")]
public sealed class BarnElsewhere : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns"), ConversionWebhook]
public sealed class BarnNowhere : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns"), ConversionWebhook(Url = "https://a", ServiceName = "a", ServiceNamespace = "b")]
public sealed class BarnTwice : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns"), ConversionWebhook(Url = "https://a", ServiceName = "a")]
public sealed class BarnHalf : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns"), ConversionWebhook(Url = "https://a", CaBundle = "!")]
public sealed class BarnUntrusted : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns"), ConversionWebhook(Url = "https://a", ReviewVersions = new string[0])]
public sealed class BarnMute : KubernetesObject;

[KubernetesEntity(Group = "farm.example.com", ApiVersion = "v1", Kind = "Barn", PluralName = "barns")]
public sealed class BarnWithoutElements : KubernetesObject
{
    [Elements(MaxLength = 1)]
    public string? Spec { get; set; }
}
