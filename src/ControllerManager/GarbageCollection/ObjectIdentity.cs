using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>Which object: where it is found, and which of those that have been there.</summary>
internal readonly record struct ObjectIdentity(string ApiVersion, string Kind, string Namespace, string Name, string Uid)
{
    public NamespacedName Key => new(Namespace, Name);

    public GroupVersionKind GroupVersionKind => GroupVersionKind.From(ApiVersion, Kind);

    /// <summary>The object that a cache of a resource holds.</summary>
    public static ObjectIdentity Of(ResourceDefinition resource, KubeObject found) => new(resource.Kind.ApiVersion, resource.Kind.Kind, found.Namespace, found.Name, found.Uid);

    /// <summary>The owner that somebody in a namespace names, as if it were in that namespace too: whether its kind has namespaces is for the server to say.</summary>
    public static ObjectIdentity Of(OwnerReference owner, string @namespace) => new(owner.ApiVersion, owner.Kind, @namespace, owner.Name, owner.Uid);

    /// <summary>Whether somebody in a namespace means this object by a reference to its uid; in whatever version of its kind.</summary>
    public bool IsMeantBy(OwnerReference owner, string @namespace) => owner.Name == Name && owner.Kind == Kind && (Namespace.Length == 0 || Namespace == @namespace)
        && (owner.ApiVersion == ApiVersion || GroupVersion.Parse(owner.ApiVersion).Group == GroupVersion.Parse(ApiVersion).Group);

    /// <summary>As events name it.</summary>
    public override string ToString() => $"[{ApiVersion}/{Kind}, namespace: {Namespace}, name: {Name}, uid: {Uid}]";
}
