using k8s.Models;

namespace ActorKube.Models;

/// <summary>An object has a controller already; it can have one only, and taking it over would set two controllers against one another.</summary>
/// <param name="object">The object, as <c>Kind namespace/name</c>.</param>
/// <param name="owner">The controller it has.</param>
public sealed class AlreadyOwnedException(string @object, V1OwnerReference owner)
    : InvalidOperationException($"{@object} is controlled by {owner.Kind} {owner.Name} already: an object has one controller at most. Leave it alone, or have that controller release it.")
{
    /// <summary>The controller it has.</summary>
    public V1OwnerReference Owner { get; } = owner;
}
