using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace ActorKube.Models.ApplyConfigurations;

/// <summary>The base of the configurations of whole objects, which say their kind, name and namespace from the start.</summary>
/// <typeparam name="TSelf">The configuration itself.</typeparam>
/// <example><code>
/// var wanted = new V1DeploymentApplyConfiguration("web", "default")
///     .WithLabels(new Dictionary&lt;string, string> { ["app"] = "web" })
///     .WithSpec(new V1DeploymentSpecApplyConfiguration().WithReplicas(3));
/// await client.Resource&lt;V1Deployment>("default").ApplyAsync(wanted, new ApplyOptions("me"));
/// </code></example>
public abstract class KindApplyConfiguration<TSelf> : ApplyConfiguration<TSelf> where TSelf : KindApplyConfiguration<TSelf>
{
    /// <summary>Says what the object is and how it is called.</summary>
    protected KindApplyConfiguration(string apiVersion, string kind, string name, string? @namespace)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Root["apiVersion"] = apiVersion;
        Root["kind"] = kind;
        Root["metadata"] = new JsonObject { ["name"] = name };
        if (!string.IsNullOrEmpty(@namespace)) Metadata["namespace"] = @namespace;
    }

    JsonObject Metadata => Root["metadata"]!.AsObject();

    /// <summary>Adds labels; those of the same key are replaced.</summary>
    public TSelf WithLabels(IEnumerable<KeyValuePair<string, string>> entries) => ChangeMetadata(metadata => metadata.WithLabels(entries));

    /// <summary>Adds annotations; those of the same key are replaced.</summary>
    public TSelf WithAnnotations(IEnumerable<KeyValuePair<string, string>> entries) => ChangeMetadata(metadata => metadata.WithAnnotations(entries));

    /// <summary>Adds finalizers.</summary>
    public TSelf WithFinalizers(params string[] values) => ChangeMetadata(metadata => metadata.WithFinalizers(values));

    /// <summary>Adds owners.</summary>
    public TSelf WithOwnerReferences(params V1OwnerReferenceApplyConfiguration[] values) => ChangeMetadata(metadata => metadata.WithOwnerReferences(values));

    /// <summary>Applies only if the object still has this resourceVersion.</summary>
    public TSelf WithResourceVersion(string value) => ChangeMetadata(metadata => metadata.WithResourceVersion(value));

    /// <summary>Lays further metadata over what has been set; name and namespace stay.</summary>
    public TSelf WithMetadata(V1ObjectMetaApplyConfiguration value)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (var (field, node) in value.Root)
        {
            if (field is not ("name" or "namespace")) Metadata[field] = node?.DeepClone();
        }
        return (TSelf)this;
    }

    /// <summary>The object to apply, as it will be sent.</summary>
    public KubeObject ToKubeObject() => KubeObject.Parse(KubeJson.Serialize(Root), KubeObjectOptions.Everything);

    /// <summary>The object to apply, typed: with the fields that have been set and no others.</summary>
    public T As<T>() where T : class => KubeJson.Deserialize<T>(KubeJson.Serialize(Root));

    /// <summary>Takes over what a manager owns of a live object.</summary>
    protected TSelf Take<T>(T live, string manager, string subresource) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var json = (JsonObject)KubeJson.ParseNode(KubeJson.Serialize(live))!;
        json["apiVersion"] = Root["apiVersion"]!.DeepClone();
        json["kind"] = Root["kind"]!.DeepClone();
        Root = ServerSideApply.Extract(json, manager, MergeSchema.For<T>(), subresource);
        return (TSelf)this;
    }

    TSelf ChangeMetadata(Action<V1ObjectMetaApplyConfiguration> change)
    {
        var metadata = new V1ObjectMetaApplyConfiguration(Metadata);
        change(metadata);
        return (TSelf)this;
    }
}
