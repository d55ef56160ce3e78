#nullable disable
using ActorKube.Models;

namespace k8s.Models;

public static partial class ModelExtensions
{
    /// <summary>The objects that own this one.</summary>
    public static IList<V1OwnerReference> OwnerReferences(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.OwnerReferences;

    /// <summary>A reference to an object as an owner.</summary>
    /// <param name="owner">The owner, as the server knows it: with name and uid. What it is comes from itself, or from its class where it does not say.</param>
    /// <param name="controller">Whether it manages what it owns.</param>
    /// <param name="blockOwnerDeletion">Whether a foreground deletion of the owner waits for what it owns.</param>
    /// <exception cref="ArgumentException">The owner lacks name or uid, or nothing says what it is.</exception>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> owner, bool? controller = null, bool? blockOwnerDeletion = null)
    {
        var (apiVersion, kind) = TypeOf(owner);
        if (string.IsNullOrEmpty(owner.Name()) || string.IsNullOrEmpty(owner.Uid()))
            throw new ArgumentException($"An owner must have been created: {kind} '{owner.Key()}' lacks its name or its uid. Use the object that the server answered with.", nameof(owner));
        return new V1OwnerReference { ApiVersion = apiVersion, Kind = kind, Name = owner.Name(), Uid = owner.Uid(), Controller = controller, BlockOwnerDeletion = blockOwnerDeletion };
    }

    /// <summary>As <see cref="MakeOwnerReference"/>, under the name that KubernetesClient's users know.</summary>
    public static V1OwnerReference CreateOwnerReference(this IKubernetesObject<V1ObjectMeta> obj, bool? controller = null, bool? blockDeletion = null) => obj.MakeOwnerReference(controller, blockDeletion);

    /// <summary>A reference to an object, as events and bindings carry it. What it is comes from itself, or from its class where it does not say.</summary>
    /// <exception cref="ArgumentException">The object lacks a name, or nothing says what it is.</exception>
    public static V1ObjectReference CreateObjectReference(this IKubernetesObject<V1ObjectMeta> obj)
    {
        var (apiVersion, kind) = TypeOf(obj);
        if (string.IsNullOrEmpty(obj.Name())) throw new ArgumentException($"A {kind} without a name cannot be referred to.", nameof(obj));
        return new V1ObjectReference { ApiVersion = apiVersion, Kind = kind, Name = obj.Name(), NamespaceProperty = obj.Namespace(), Uid = obj.Uid(), ResourceVersion = obj.ResourceVersion() };
    }

    /// <summary>
    /// Makes the owner the object's controller: the garbage collector deletes the object with it, and events of the object concern it.
    /// Setting the same controller again brings the reference up to date. As controller-runtime's <c>SetControllerReference</c>.
    /// </summary>
    /// <param name="obj">The object to own.</param>
    /// <param name="owner">The owner, as the server knows it.</param>
    /// <param name="blockOwnerDeletion">Whether a foreground deletion of the owner waits for the object.</param>
    /// <exception cref="AlreadyOwnedException">The object has another controller.</exception>
    /// <exception cref="ArgumentException">The owner lives in another namespace, or in one while the object is the whole cluster's; or see <see cref="MakeOwnerReference"/>.</exception>
    /// <example><code>
    /// var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "later-pod", NamespaceProperty = at.Namespace() } };
    /// pod.SetControllerReference(at);   // deleted with it
    /// </code></example>
    public static void SetControllerReference(this IKubernetesObject<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner, bool blockOwnerDeletion = true)
    {
        var reference = owner.MakeOwnerReference(controller: true, blockOwnerDeletion: blockOwnerDeletion);
        CheckNamespaces(obj, owner, reference);
        var existing = obj.GetController();
        if (existing is not null && !SameOwner(existing, reference)) throw new AlreadyOwnedException($"{TypeOf(obj).Kind} {obj.Key()}", existing);
        Upsert(obj, reference);
    }

    /// <summary>Makes the owner one of the object's owners, without control. Setting it again brings the reference up to date.</summary>
    /// <exception cref="ArgumentException">As for <see cref="SetControllerReference"/>.</exception>
    public static void SetOwnerReference(this IKubernetesObject<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner, bool? blockOwnerDeletion = null)
    {
        var reference = owner.MakeOwnerReference(blockOwnerDeletion: blockOwnerDeletion);
        CheckNamespaces(obj, owner, reference);
        Upsert(obj, reference);
    }

    /// <summary>Adds a reference as it is, without checks.</summary>
    public static void AddOwnerReference(this IMetadata<V1ObjectMeta> obj, V1OwnerReference ownerRef)
    {
        ArgumentNullException.ThrowIfNull(ownerRef);
        var metadata = obj.EnsureMetadata();
        (metadata.OwnerReferences ??= new List<V1OwnerReference>()).Add(ownerRef);
    }

    /// <summary>The reference to the object's controller; null where it has none.</summary>
    public static V1OwnerReference GetController(this IMetadata<V1ObjectMeta> obj) => obj.OwnerReferences()?.FirstOrDefault(reference => reference.Controller == true);

    /// <summary>Whether the owner (this incarnation of it) is the object's controller.</summary>
    public static bool IsControlledBy(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner) =>
        obj.GetController() is { } controller && controller.Uid == owner.Uid();

    /// <summary>Whether the owner is among the object's owners.</summary>
    public static bool IsOwnedBy(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner) => obj.FindOwnerReference(owner) >= 0;

    /// <summary>The index of the reference to the owner, or -1.</summary>
    public static int FindOwnerReference(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner) => obj.FindOwnerReference(reference => reference.Matches(owner));

    /// <summary>The index of the first reference that the predicate wants, or -1.</summary>
    public static int FindOwnerReference(this IMetadata<V1ObjectMeta> obj, Predicate<V1OwnerReference> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var references = obj.OwnerReferences();
        for (var i = 0; i < references?.Count; i++)
        {
            if (predicate(references[i])) return i;
        }
        return -1;
    }

    /// <summary>The reference to the owner; null where there is none.</summary>
    public static V1OwnerReference GetOwnerReference(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner) => obj.GetOwnerReference(reference => reference.Matches(owner));

    /// <summary>The first reference that the predicate wants; null where there is none.</summary>
    public static V1OwnerReference GetOwnerReference(this IMetadata<V1ObjectMeta> obj, Predicate<V1OwnerReference> predicate) =>
        obj.FindOwnerReference(predicate) is >= 0 and var index ? obj.Metadata.OwnerReferences[index] : null;

    /// <summary>Removes the first reference to the owner.</summary>
    /// <returns>The reference; null where there was none.</returns>
    public static V1OwnerReference RemoveOwnerReference(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner)
    {
        var index = obj.FindOwnerReference(owner);
        if (index < 0) return null;
        var removed = obj.Metadata.OwnerReferences[index];
        obj.Metadata.OwnerReferences = [.. obj.Metadata.OwnerReferences.Where((_, at) => at != index)];
        return removed;
    }

    /// <summary>Removes every reference to the owner.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool RemoveOwnerReferences(this IMetadata<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner) => obj.RemoveOwnerReferences(reference => reference.Matches(owner));

    /// <summary>Removes every reference that the predicate wants.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool RemoveOwnerReferences(this IMetadata<V1ObjectMeta> obj, Predicate<V1OwnerReference> predicate)
    {
        if (obj.FindOwnerReference(predicate) < 0) return false;
        obj.Metadata.OwnerReferences = [.. obj.Metadata.OwnerReferences.Where(reference => !predicate(reference))];
        return true;
    }

    /// <summary>Whether a reference to an owner means this object, this incarnation of it.</summary>
    public static bool Matches(this V1OwnerReference owner, IKubernetesObject<V1ObjectMeta> obj)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(obj);
        var (apiVersion, kind) = TypeOf(obj);
        return owner.ApiVersion == apiVersion && owner.Kind == kind && owner.Name == obj.Name() && owner.Uid == obj.Uid();
    }

    /// <summary>Whether a reference means this object.</summary>
    public static bool Matches(this V1ObjectReference objref, IKubernetesObject<V1ObjectMeta> obj)
    {
        ArgumentNullException.ThrowIfNull(objref);
        ArgumentNullException.ThrowIfNull(obj);
        var (apiVersion, kind) = TypeOf(obj);
        return objref.ApiVersion == apiVersion && objref.Kind == kind && objref.Name == obj.Name() && objref.Uid == obj.Uid() && objref.NamespaceProperty == obj.Namespace();
    }

    private static (string ApiVersion, string Kind) TypeOf(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (!string.IsNullOrEmpty(obj.ApiVersion) && !string.IsNullOrEmpty(obj.Kind)) return (obj.ApiVersion, obj.Kind);
        var kind = ResourceDefinition.TryFor(obj.GetType())?.Kind
            ?? throw new ArgumentException($"Nothing says what kind of object a {obj.GetType()} is: set its ApiVersion and Kind, or put [KubernetesEntity] on its class.");
        return (kind.ApiVersion, kind.Kind);
    }

    // An owner in a namespace can own what is in the same namespace; an owner of the whole cluster can own anything.
    // Whoever breaks this has objects collected at once, because their owner cannot be found.
    private static void CheckNamespaces(IKubernetesObject<V1ObjectMeta> obj, IKubernetesObject<V1ObjectMeta> owner, V1OwnerReference reference)
    {
        if (string.IsNullOrEmpty(owner.Namespace())) return;
        if (string.IsNullOrEmpty(obj.Namespace()))
            throw new ArgumentException($"{reference.Kind} {owner.Key()} is in a namespace and cannot own {TypeOf(obj).Kind} '{obj.Name()}', which is in none.", nameof(owner));
        if (owner.Namespace() != obj.Namespace())
            throw new ArgumentException($"{reference.Kind} {owner.Key()} cannot own {TypeOf(obj).Kind} {obj.Key()}: owners are in the same namespace or in none.", nameof(owner));
    }

    private static void Upsert(IMetadata<V1ObjectMeta> obj, V1OwnerReference reference)
    {
        var index = obj.FindOwnerReference(existing => SameOwner(existing, reference));
        if (index >= 0) obj.Metadata.OwnerReferences[index] = reference;
        else obj.AddOwnerReference(reference);
    }

    // The version may change and the owner may have been made anew; group, kind and name stay.
    private static bool SameOwner(V1OwnerReference left, V1OwnerReference right) =>
        Group(left.ApiVersion) == Group(right.ApiVersion) && left.Kind == right.Kind && left.Name == right.Name;

    private static string Group(string apiVersion) => GroupVersion.TryParse(apiVersion, out var version) ? version.Group : "";
}
