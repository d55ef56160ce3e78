using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <content>What an object's metadata says.</content>
public sealed partial class Unstructured
{
    /// <summary>The name; empty where there is none. Setting the empty text removes it.</summary>
    public string Name
    {
        get => GetString("metadata", "name") ?? "";
        set => SetText(value, "metadata", "name");
    }

    /// <summary>What the server makes a name from; empty where there is nothing.</summary>
    public string GenerateName
    {
        get => GetString("metadata", "generateName") ?? "";
        set => SetText(value, "metadata", "generateName");
    }

    /// <summary>The namespace; empty for objects of the whole cluster.</summary>
    public string Namespace
    {
        get => GetString("metadata", "namespace") ?? "";
        set => SetText(value, "metadata", "namespace");
    }

    /// <summary>Namespace and name.</summary>
    public NamespacedName Key => new(Namespace, Name);

    /// <summary>The identity of this incarnation.</summary>
    public string Uid
    {
        get => GetString("metadata", "uid") ?? "";
        set => SetText(value, "metadata", "uid");
    }

    /// <summary>The version, which only the server understands.</summary>
    public string ResourceVersion
    {
        get => GetString("metadata", "resourceVersion") ?? "";
        set => SetText(value, "metadata", "resourceVersion");
    }

    /// <summary>Counts the changes of what is wanted; 0 where nobody counts.</summary>
    public long Generation
    {
        get => GetInt64("metadata", "generation") ?? 0;
        set => Set(value == 0 ? null : JsonValue.Create(value), "metadata", "generation");
    }

    /// <summary>When the server created the object.</summary>
    public DateTimeOffset? CreationTimestamp
    {
        get => GetTime("metadata", "creationTimestamp");
        set => SetText(value is { } time ? KubeTime.Format(time) : "", "metadata", "creationTimestamp");
    }

    /// <summary>When the object was asked to go.</summary>
    public DateTimeOffset? DeletionTimestamp
    {
        get => GetTime("metadata", "deletionTimestamp");
        set => SetText(value is { } time ? KubeTime.Format(time) : "", "metadata", "deletionTimestamp");
    }

    /// <summary>The labels, as a copy; setting none removes the field.</summary>
    public IReadOnlyDictionary<string, string> Labels
    {
        get => GetStringMap("metadata", "labels") ?? [];
        set => SetMap(value, "metadata", "labels");
    }

    /// <summary>The annotations, as a copy; setting none removes the field.</summary>
    public IReadOnlyDictionary<string, string> Annotations
    {
        get => GetStringMap("metadata", "annotations") ?? [];
        set => SetMap(value, "metadata", "annotations");
    }

    /// <summary>The finalizers, as a copy; setting none removes the field.</summary>
    public IReadOnlyList<string> Finalizers
    {
        get => GetStringList("metadata", "finalizers") ?? [];
        set => Set(value.Count == 0 ? null : new JsonArray([.. value.Select(item => JsonValue.Create(item))]), "metadata", "finalizers");
    }

    /// <summary>The owners, as a copy; setting none removes the field.</summary>
    public IReadOnlyList<V1OwnerReference> OwnerReferences
    {
        get => Get("metadata", "ownerReferences") is not { } owners ? [] : [.. List(owners, ["metadata", "ownerReferences"]).Select(owner => KubeJson.Deserialize<V1OwnerReference>(KubeJson.Serialize(owner!)))];
        set => Set(value.Count == 0 ? null : new JsonArray([.. value.Select(owner => KubeJson.ParseNode(KubeJson.Serialize(owner)))]), "metadata", "ownerReferences");
    }
}
