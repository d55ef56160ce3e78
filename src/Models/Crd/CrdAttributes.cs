using System.Diagnostics.CodeAnalysis;
using k8s.Models;

namespace ActorKube.Models;

// What a class says of its custom resource beyond what .NET's own attributes say: [Required], [Description], [DefaultValue], [AllowedValues],
// [RegularExpression], [Range], [MinLength], [MaxLength] and [StringLength] mean in the CRD what they mean in .NET.

/// <summary>Short names for <c>kubectl</c>, such as <c>po</c> for pods.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShortNamesAttribute(params string[] names) : Attribute
{
    /// <summary>The names.</summary>
    public string[] Names { get; } = names;
}

/// <summary>Groups of resources that the kind belongs to, such as <c>all</c> for <c>kubectl get all</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CategoriesAttribute(params string[] names) : Attribute
{
    /// <summary>The groups.</summary>
    public string[] Names { get; } = names;
}

/// <summary>How the resource is called beside its kind and plural, where that is not what its kind gives (<c>backup</c> and <c>BackupList</c> for <c>Backup</c>).</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceNamesAttribute : Attribute
{
    /// <summary>The name of one object, for <c>kubectl</c>.</summary>
    public string? Singular { get; init; }

    /// <summary>The kind of its lists.</summary>
    public string? ListKind { get; init; }
}

/// <summary>A field that field selectors can ask for, beside name and namespace: on a property for its own path, on a class for the one given.</summary>
/// <param name="jsonPath">Where the value is, such as <c>.spec.host</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class SelectableFieldAttribute(string? jsonPath = null) : Attribute
{
    /// <summary>Where the value is; null on a property for its own path.</summary>
    public string? JsonPath { get; } = jsonPath;
}

/// <summary>What a version of a kind is to the server. A version without it is served, and stored if it is the only one.</summary>
/// <example><code>
/// [ResourceVersion(Storage = true)] public sealed class BackupV1 …
/// [ResourceVersion(DeprecationWarning = "use shop.example.com/v1")] public sealed class BackupV1Beta1 …
/// </code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceVersionAttribute : Attribute
{
    /// <summary>Whether clients can use it.</summary>
    public bool Served { get; init; } = true;

    /// <summary>Whether objects are stored in it; of several versions exactly one is.</summary>
    public bool Storage { get; init; }

    /// <summary>Whether clients that use it are told to use another, in the server's words where <see cref="DeprecationWarning"/> gives no others.</summary>
    public bool Deprecated { get; init; }

    /// <summary>What clients that use it are told; setting it marks the version as deprecated.</summary>
    public string? DeprecationWarning { get; init; }
}

/// <summary>A column that <c>kubectl get</c> prints: on a property for its value, on a class for a path.</summary>
/// <param name="name">The heading.</param>
/// <example><code>
/// [PrinterColumn("Age", JsonPath = ".metadata.creationTimestamp", Type = "date")]          // on the class
/// [PrinterColumn("Schedule", Description = "When it runs.")] public string Schedule …     // on a property
/// </code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name) : Attribute
{
    /// <summary>The heading.</summary>
    public string Name { get; } = name;

    /// <summary>Where the value is, such as <c>.metadata.creationTimestamp</c>; left out on a property, whose own path it then is.</summary>
    public string? JsonPath { get; init; }

    /// <summary>An OpenAPI type: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>date</c>; left out on a property, whose own type it then is.</summary>
    public string? Type { get; init; }

    /// <summary>How the value is meant, such as <c>int32</c>.</summary>
    public string? Format { get; init; }

    /// <summary>What the column shows.</summary>
    public string? Description { get; init; }

    /// <summary>0 for the usual view; more for <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>The kind can be scaled: <c>kubectl scale</c> and autoscalers read and write these fields.</summary>
/// <param name="specReplicasPath">How many are wanted, such as <c>.spec.replicas</c>.</param>
/// <param name="statusReplicasPath">How many there are, such as <c>.status.replicas</c>.</param>
/// <example><code>[ScaleSubresource(".spec.replicas", ".status.replicas", LabelSelectorPath = ".status.selector")]</code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleSubresourceAttribute(string specReplicasPath, string statusReplicasPath) : Attribute
{
    /// <summary>How many are wanted.</summary>
    public string SpecReplicasPath { get; } = specReplicasPath;

    /// <summary>How many there are.</summary>
    public string StatusReplicasPath { get; } = statusReplicasPath;

    /// <summary>The selector of what is scaled, as text, such as <c>.status.selector</c>.</summary>
    public string? LabelSelectorPath { get; init; }
}

/// <summary>A rule in CEL that the server holds values to: <c>x-kubernetes-validations</c>.</summary>
/// <param name="rule">The rule, such as <c>self.minimum &lt;= self.maximum</c>.</param>
/// <example><code>[ValidationRule("self.minimum &lt;= self.maximum", Message = "minimum is above maximum", FieldPath = ".minimum")] public sealed class Limits …</code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class ValidationRuleAttribute([StringSyntax("cel")] string rule) : Attribute
{
    /// <summary>The rule.</summary>
    public string Rule { get; } = rule;

    /// <summary>What who breaks it is told.</summary>
    public string? Message { get; init; }

    /// <summary>The same, as a CEL expression.</summary>
    public string? MessageExpression { get; init; }

    /// <summary>The reason in the server's answer, such as <c>FieldValueInvalid</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The field that is blamed, such as <c>.minimum</c>.</summary>
    public string? FieldPath { get; init; }

    /// <summary>Whether the rule also holds when there is no old value to compare with.</summary>
    public bool OptionalOldSelf { get; init; }

    /// <summary>On a list or map: whether the rule is one for each element or value, which is then its <c>self</c>.</summary>
    public bool OfElements { get; init; }
}

/// <summary>
/// What holds for each element of a list, or each value of a map. The parts mean what the attributes of these names mean on a property; <see cref="ValidationRuleAttribute.OfElements"/>
/// gives elements rules.
/// </summary>
/// <example><code>[MaxLength(10), Elements(Pattern = "^[a-z]+$", MaxLength = 63)] public IList&lt;string>? Hosts { get; set; }</code></example>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ElementsAttribute : Attribute
{
    /// <summary>A regular expression that texts match.</summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public string? Pattern { get; init; }

    /// <summary>The values there are.</summary>
    public object[]? AllowedValues { get; init; }

    /// <summary>The least number of characters, of elements where the elements are lists, of entries where they are maps; 0 for any.</summary>
    public int MinLength { get; init; }

    /// <summary>The greatest number of them; -1 for any.</summary>
    public int MaxLength { get; init; } = -1;

    /// <summary>The least number; infinite for none.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The greatest number; infinite for none.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether <see cref="Minimum"/> itself is too little.</summary>
    public bool MinimumIsExclusive { get; init; }

    /// <summary>Whether <see cref="Maximum"/> itself is too much.</summary>
    public bool MaximumIsExclusive { get; init; }

    /// <summary>How a text or number is meant, in place of what its type says; empty text for nothing.</summary>
    public string? Format { get; init; }

    /// <summary>Whether elements may be null.</summary>
    public bool IsNullable { get; init; }
}

/// <summary>
/// The server converts between the kind's versions with a webhook, in place of only changing <c>apiVersion</c>: <c>spec.conversion</c>. On one version's class; where it is on several,
/// they say the same. <see cref="ConversionReviews.Answer(Scheme, V1ConversionReview)"/> is what the webhook does.
/// </summary>
/// <example><code>[ConversionWebhook(ServiceNamespace = "shop", ServiceName = "backups", ServicePath = "/convert")]</code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConversionWebhookAttribute : Attribute
{
    /// <summary>Where the webhook is, such as <c>https://hooks.example.com/convert</c>; null where a service is named.</summary>
    [StringSyntax(StringSyntaxAttribute.Uri)]
    public string? Url { get; init; }

    /// <summary>The namespace of the service that is the webhook.</summary>
    public string? ServiceNamespace { get; init; }

    /// <summary>The name of the service that is the webhook.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The path below the service; null for none.</summary>
    public string? ServicePath { get; init; }

    /// <summary>The service's port; 0 for the server's own choice, which is 443.</summary>
    public int ServicePort { get; init; }

    /// <summary>The authority of the webhook's certificate, as base64 of its PEM; null for the server's own trust, and where somebody else puts it into the definition.</summary>
    public string? CaBundle { get; init; }

    /// <summary>The versions of <c>ConversionReview</c> that the webhook reads, the best first.</summary>
    public string[] ReviewVersions { get; init; } = [V1ConversionReview.KubeApiVersion];
}

/// <summary>How applies merge a list.</summary>
public enum ListType
{
    /// <summary>The whole list has one owner.</summary>
    Atomic,

    /// <summary>Values, each with an owner of its own.</summary>
    Set,

    /// <summary>Objects that keys tell apart, each with an owner of its own.</summary>
    Map,
}

/// <summary>How applies merge a list: <c>x-kubernetes-list-type</c> and <c>x-kubernetes-list-map-keys</c>.</summary>
/// <param name="type">How.</param>
/// <param name="keys">For <see cref="ListType.Map"/>: the JSON names of the fields that tell elements apart.</param>
/// <example><code>[ListType(ListType.Map, "name")] public IList&lt;Target> Targets { get; set; } = [];</code></example>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListTypeAttribute(ListType type, params string[] keys) : Attribute
{
    /// <summary>How.</summary>
    public ListType Type { get; } = type;

    /// <summary>The fields that tell elements apart.</summary>
    public string[] Keys { get; } = keys;
}

/// <summary>The whole object or map has one owner: <c>x-kubernetes-map-type: atomic</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class AtomicMapAttribute : Attribute;

/// <summary>Fields that the schema does not name are kept: <c>x-kubernetes-preserve-unknown-fields</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>The value is a whole Kubernetes object, with <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>: <c>x-kubernetes-embedded-resource</c>.</summary>
/// <example><code>[EmbeddedResource] public JsonObject? Template { get; set; }</code></example>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmbeddedResourceAttribute : Attribute;

/// <summary>The value may be null, and a null that is sent is kept.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NullableFieldAttribute : Attribute;

/// <summary>How a text or number is meant, such as <c>email</c>, in place of what its type says; empty text for nothing.</summary>
/// <param name="format">The OpenAPI format.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SchemaFormatAttribute(string format) : Attribute
{
    /// <summary>The OpenAPI format.</summary>
    public string Format { get; } = format;
}

/// <summary>Parts of the schema that no other attribute says, merged into what the rest gives.</summary>
/// <param name="json">An object of OpenAPI v3 schema fields, such as <c>{"multipleOf": 5}</c>.</param>
/// <example><code>[SchemaJson("""{"multipleOf": 5}""")] public int Minutes { get; set; }</code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class SchemaJsonAttribute([StringSyntax(StringSyntaxAttribute.Json)] string json) : Attribute
{
    /// <summary>The fields.</summary>
    public string Json { get; } = json;
}

/// <summary>A permission that the class needs; collected into the roles that the program is given.</summary>
/// <example><code>[RbacRule(Groups = ["apps"], Resources = ["deployments"], Verbs = ["get", "list", "watch", "update"])] sealed class Reconciler …</code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class RbacRuleAttribute : Attribute
{
    /// <summary>API groups; empty text for the core group.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Resources, such as <c>pods</c> or <c>pods/status</c>.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Verbs, such as <c>get</c>, <c>list</c>, <c>watch</c>.</summary>
    public string[] Verbs { get; init; } = [];

    /// <summary>Names of single objects; none for all.</summary>
    public string[] ResourceNames { get; init; } = [];

    /// <summary>Paths that are no resources, such as <c>/metrics</c>.</summary>
    public string[] NonResourceUrls { get; init; } = [];

    /// <summary>The namespace in which it is needed; null for the whole cluster.</summary>
    public string? Namespace { get; init; }
}
