using System.Globalization;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Pods made from templates, and names made from what a template says.</summary>
internal static class PodTemplates
{
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A pod as a template wants it, owned by its controller; the server completes its name.</summary>
    public static V1Pod MakePod(this V1PodTemplateSpec template, IKubernetesObject<V1ObjectMeta> owner) => new()
    {
        Metadata = new V1ObjectMeta
        {
            GenerateName = $"{owner.Metadata.Name}-",
            NamespaceProperty = owner.Metadata.NamespaceProperty,
            Labels = template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
            Annotations = template.Metadata?.Annotations is { } annotations ? new Dictionary<string, string>(annotations) : null,
            Finalizers = template.Metadata?.Finalizers is { } finalizers ? [.. finalizers] : null,
            OwnerReferences = [owner.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
        },
        Spec = template.Spec?.DeepCopy() ?? new V1PodSpec(),
    };

    /// <summary>A short name for a template's content: the same for the same content.</summary>
    /// <param name="template">The template.</param>
    /// <param name="salt">Tells apart contents that came to the same name.</param>
    public static string Hash(this V1PodTemplateSpec template, int? salt)
    {
        // FNV-1a, 32 bits: a name, not a secret.
        var hash = 2166136261;
        foreach (var b in KubeJson.Serialize(template))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }
        hash = unchecked((hash ^ (uint)(salt ?? 0)) * 16777619);
        // The number's digits as letters that make no words, as all such names have them.
        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Letters[digit % Letters.Length]));
    }
}
