using System.Reflection;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>Custom resource definitions from the classes that stand for the resources.</summary>
/// <remarks>
/// The schema has exactly the fields that System.Text.Json reads and writes. Descriptions come from <c>[Description]</c>, or from the XML file
/// that the compiler puts beside the assembly (<c>GenerateDocumentationFile</c>). The rules for schemas are those of structural schemas in
/// Kubernetes' documentation of CustomResourceDefinitions.
/// </remarks>
/// <example><code>var definition = CustomResource.Definition(typeof(BackupV1), typeof(BackupV1Beta1));</code></example>
public static class CustomResource
{
    /// <summary>The definition of a kind with one version.</summary>
    /// <exception cref="ArgumentException">The class says too little, or something that no CRD can have; says what to change.</exception>
    public static V1CustomResourceDefinition Definition<T>() => Definition(typeof(T));

    /// <summary>The definition of a kind.</summary>
    /// <param name="versions">A class for each version.</param>
    /// <exception cref="ArgumentException">The classes say too little, contradict one another, or something that no CRD can have; says what to change.</exception>
    public static V1CustomResourceDefinition Definition(params IReadOnlyList<Type> versions)
    {
        if (versions.Count == 0) throw new ArgumentException("A custom resource has at least one version.", nameof(versions));
        var kinds = versions.Select(type => (Type: type, Definition: ResourceDefinition.For(type))).OrderBy(version => version.Definition.Kind.Version, StringComparer.Ordinal).ToList();
        var first = kinds[0].Definition;
        foreach (var (type, other) in kinds)
        {
            if (other.Kind.GroupKind != first.Kind.GroupKind || other.Plural != first.Plural || other.Namespaced != first.Namespaced)
                throw new ArgumentException($"{type} is not a version of {first.Kind.GroupKind}: versions have the same group, kind, plural and scope.");
        }
        if (first.Kind.Group.Length == 0) throw new ArgumentException($"{kinds[0].Type} has no group: custom resources are in a group with a dot in its name, such as 'example.com'.");
        var attributes = kinds.Select(version => version.Type.GetCustomAttribute<ResourceVersionAttribute>()).ToList();
        var stored = kinds.Count == 1 ? 1 : attributes.Count(attribute => attribute?.Storage == true);
        if (stored != 1) throw new ArgumentException($"{stored} versions of {first.Kind.GroupKind} are stored: exactly one has [ResourceVersion(Storage = true)].");
        var names = kinds.Select(version => version.Type.GetCustomAttribute<ResourceNamesAttribute>()).OfType<ResourceNamesAttribute>().ToList();
        return new V1CustomResourceDefinition
        {
            ApiVersion = $"{V1CustomResourceDefinition.KubeGroup}/{V1CustomResourceDefinition.KubeApiVersion}",
            Kind = V1CustomResourceDefinition.KubeKind,
            Metadata = new V1ObjectMeta { Name = $"{first.Plural}.{first.Kind.Group}" },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = first.Kind.Group,
                Scope = first.Namespaced ? "Namespaced" : "Cluster",
                Names = new V1CustomResourceDefinitionNames
                {
                    Kind = first.Kind.Kind,
                    ListKind = names.Select(name => name.ListKind).FirstOrDefault(name => name is not null) ?? first.Kind.Kind + "List",
                    Plural = first.Plural,
                    Singular = names.Select(name => name.Singular).FirstOrDefault(name => name is not null) ?? first.Kind.Kind.ToLowerInvariant(),
                    ShortNames = Distinct(kinds.SelectMany(version => version.Type.GetCustomAttribute<ShortNamesAttribute>()?.Names ?? [])),
                    Categories = Distinct(kinds.SelectMany(version => version.Type.GetCustomAttribute<CategoriesAttribute>()?.Names ?? [])),
                },
                Conversion = Conversion(first, kinds.Select(version => version.Type)),
                Versions = [.. kinds.Select((version, at) => Version(version.Type, version.Definition.Kind.Version, attributes[at], kinds.Count == 1))],
            },
        };
    }

    private static V1CustomResourceConversion? Conversion(ResourceDefinition definition, IEnumerable<Type> versions)
    {
        V1CustomResourceConversion? said = null;
        foreach (var type in versions)
        {
            if (type.GetCustomAttribute<ConversionWebhookAttribute>() is not { } attribute) continue;
            var conversion = Conversion(attribute, type);
            if (said is not null && !said.SemanticallyEquals(conversion))
                throw new ArgumentException($"Versions of {definition.Kind.GroupKind} name different conversion webhooks: a kind has one. Keep one [ConversionWebhook].");
            said = conversion;
        }
        return said;
    }

    private static V1CustomResourceConversion Conversion(ConversionWebhookAttribute attribute, Type type)
    {
        var hasService = attribute.ServiceName is not null && attribute.ServiceNamespace is not null;
        if (hasService == attribute.Url is not null || !hasService && (attribute.ServiceName ?? attribute.ServiceNamespace ?? attribute.ServicePath) is not null)
            throw new ArgumentException($"[ConversionWebhook] on {type.Name}: say either Url, or ServiceNamespace and ServiceName.");
        if (attribute.ReviewVersions.Length == 0) throw new ArgumentException($"[ConversionWebhook] on {type.Name}: a webhook reads some version of ConversionReview.");
        try
        {
            return new V1CustomResourceConversion
            {
                Strategy = "Webhook",
                Webhook = new V1WebhookConversion
                {
                    ConversionReviewVersions = attribute.ReviewVersions,
                    ClientConfig = new Apiextensionsv1WebhookClientConfig
                    {
                        Url = attribute.Url,
                        CaBundle = attribute.CaBundle is { } bundle ? Convert.FromBase64String(bundle) : null,
                        Service = !hasService ? null : new Apiextensionsv1ServiceReference
                        {
                            Name = attribute.ServiceName,
                            NamespaceProperty = attribute.ServiceNamespace,
                            Path = attribute.ServicePath,
                            Port = attribute.ServicePort == 0 ? null : attribute.ServicePort,
                        },
                    },
                },
            };
        }
        catch (FormatException)
        {
            throw new ArgumentException($"[ConversionWebhook] on {type.Name}: CaBundle is not base64. Encode the PEM file, as 'base64 -w0 FILE' does.");
        }
    }

    private static V1CustomResourceDefinitionVersion Version(Type type, string name, ResourceVersionAttribute? attribute, bool only)
    {
        var schema = new CrdSchemaBuilder();
        var root = schema.Root(type);
        return new V1CustomResourceDefinitionVersion
        {
            Name = name,
            Served = attribute?.Served ?? true,
            Storage = only || attribute?.Storage == true,
            Deprecated = attribute is { Deprecated: true } or { DeprecationWarning: not null } ? true : null,
            DeprecationWarning = attribute?.DeprecationWarning,
            AdditionalPrinterColumns = schema.Columns.Count == 0 ? null : [.. schema.Columns],
            SelectableFields = schema.SelectableFields.Count == 0 ? null : [.. schema.SelectableFields.Distinct(StringComparer.Ordinal).Select(path => new V1SelectableField { JsonPath = path })],
            Subresources = Subresources(type),
            Schema = new V1CustomResourceValidation { OpenAPIV3Schema = KubeJson.Deserialize<V1JSONSchemaProps>(KubeJson.Serialize(root)) },
        };
    }

    private static V1CustomResourceSubresources? Subresources(Type type)
    {
        var status = type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IStatus<>));
        var scale = type.GetCustomAttribute<ScaleSubresourceAttribute>();
        if (!status && scale is null) return null;
        return new V1CustomResourceSubresources
        {
            Status = status ? new JsonObject() : null,
            Scale = scale is null ? null : new V1CustomResourceSubresourceScale
            {
                SpecReplicasPath = scale.SpecReplicasPath,
                StatusReplicasPath = scale.StatusReplicasPath,
                LabelSelectorPath = scale.LabelSelectorPath,
            },
        };
    }

    private static List<string>? Distinct(IEnumerable<string> names) => names.Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } list ? list : null;
}
