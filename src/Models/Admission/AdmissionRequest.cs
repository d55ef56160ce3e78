using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// What an API server asks a webhook about, with the objects as they came. Immutable, and thread-safe.
/// </summary>
/// <remarks>The fields are those of <c>AdmissionRequest</c> in <c>admission.k8s.io/v1</c> and <c>v1beta1</c>, which are alike.</remarks>
public sealed record AdmissionRequest
{
    /// <summary>What tells this question from others; the answer repeats it.</summary>
    public required string Uid { get; init; }

    /// <summary>What is to be done: one operation.</summary>
    public required AdmissionOperations Operation { get; init; }

    /// <summary>The kind of <see cref="Object"/> and <see cref="OldObject"/>: of subresources their own, such as <c>autoscaling/v1</c> <c>Scale</c>.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>The resource, in the version that the webhook asked for.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>The subresource, such as <c>status</c>; empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The kind as the client had it, where the server converted for the webhook; otherwise as <see cref="Kind"/>.</summary>
    public GroupVersionKind RequestKind { get; init; }

    /// <summary>The resource as the client had it.</summary>
    public GroupVersionResource RequestResource { get; init; }

    /// <summary>The subresource as the client had it.</summary>
    public string RequestSubresource { get; init; } = "";

    /// <summary>The object's name; empty where the server is yet to make one up.</summary>
    public string Name { get; init; } = "";

    /// <summary>The object's namespace; empty for kinds without one.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Who asks.</summary>
    public V1UserInfo User { get; init; } = new();

    /// <summary>Whether nothing will be stored: a webhook with effects beside its answer leaves them out then.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The object as it is to be; null for deletions.</summary>
    public KubeObject? Object { get; init; }

    /// <summary>The object as it is; null for what is new, and where it is connected to.</summary>
    public KubeObject? OldObject { get; init; }

    /// <summary>How it is to be done: <c>CreateOptions</c>, <c>UpdateOptions</c> or <c>DeleteOptions</c> of <c>meta.k8s.io/v1</c>; null for connections.</summary>
    public KubeObject? Options { get; init; }

    /// <summary>The version of <c>AdmissionReview</c> that is spoken: <c>v1</c> or <c>v1beta1</c>.</summary>
    public string ReviewVersion { get; init; } = V1AdmissionReview.KubeApiVersion;

    /// <summary>Namespace and name.</summary>
    public NamespacedName Key => new(Namespace, Name);

    /// <summary>Whether the objects are secrets, or ask for tokens or show them: then nothing of them belongs into a log or an error.</summary>
    public bool HoldsSecrets => Resource is { Group: "", Resource: "secrets" } || Subresource == "token" || Resource.Group == "authentication.k8s.io";

    /// <summary>The question whether an object may be made, for tests and tools.</summary>
    /// <param name="made">The object: a typed one, an <see cref="Unstructured"/> or a <see cref="KubeObject"/>.</param>
    /// <exception cref="ArgumentException">Nothing says what the object is.</exception>
    /// <example><code>var answer = await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(cronTab), handler);</code></example>
    public static AdmissionRequest ToCreate<T>(T made) where T : class => Make(AdmissionOperations.Create, Raw(made), null, ResourceOf(made));

    /// <summary>The question whether an object may become another, for tests and tools.</summary>
    /// <param name="before">The object as it is.</param>
    /// <param name="after">The object as it is to be.</param>
    /// <inheritdoc cref="ToCreate{T}" path="/exception"/>
    public static AdmissionRequest ToUpdate<T>(T before, T after) where T : class => Make(AdmissionOperations.Update, Raw(after), Raw(before), ResourceOf(after));

    /// <summary>The question whether an object may be deleted, for tests and tools.</summary>
    /// <param name="gone">The object as it is.</param>
    /// <inheritdoc cref="ToCreate{T}" path="/exception"/>
    public static AdmissionRequest ToDelete<T>(T gone) where T : class => Make(AdmissionOperations.Delete, null, Raw(gone), ResourceOf(gone));

    /// <summary>For logs: what is asked about, and never content.</summary>
    public override string ToString() => $"{Operation} {Resource}{(Subresource.Length == 0 ? "" : "/" + Subresource)} {Key} ({Uid})";

    private static AdmissionRequest Make(AdmissionOperations operation, KubeObject? made, KubeObject? old, ResourceDefinition? definition)
    {
        var about = (made ?? old)!;
        if (about.Kind.Length == 0 || about.ApiVersion.Length == 0) throw new ArgumentException("Nothing says what the object is: give it an apiVersion and a kind, or its class [KubernetesEntity].");
        var kind = about.GroupVersionKind;
        var resource = definition?.Kind == kind ? definition.Resource
            : ResourceDefinition.ForBuiltIn(kind)?.Resource ?? kind.GroupVersion.WithResource(kind.Kind.ToLowerInvariant() + "s");
        return new AdmissionRequest
        {
            Uid = Guid.NewGuid().ToString(), Operation = operation, Kind = kind, RequestKind = kind, Resource = resource, RequestResource = resource,
            Name = about.Name, Namespace = about.Namespace, Object = made, OldObject = old, User = new V1UserInfo { Username = "test", Groups = ["system:authenticated"] },
            Options = KubeObject.Parse(KubeJson.Serialize(new Dictionary<string, string> { ["kind"] = $"{operation}Options", ["apiVersion"] = "meta.k8s.io/v1" }), KubeObjectOptions.Everything),
        };
    }

    private static ResourceDefinition? ResourceOf(object value) => ResourceDefinition.TryFor(value.GetType()) is { Plural.Length: > 0 } known ? known : null;

    private static KubeObject Raw(object value) => value as KubeObject ?? KubeObject.From(value);
}
