namespace ActorKube.Models;

/// <summary>
/// What an API server asks a webhook about, with the objects as a class. An object is decoded when somebody first looks at it, once for this request. For one thread at a time.
/// </summary>
/// <typeparam name="T">The class of the objects: a generated one, one's own, or <see cref="Unstructured"/>.</typeparam>
/// <param name="raw">The request as it came.</param>
public sealed class AdmissionRequest<T>(AdmissionRequest raw) where T : class
{
    T? _object;
    T? _oldObject;

    /// <summary>The request as it came, with the objects as bytes.</summary>
    public AdmissionRequest Raw { get; } = raw;

    /// <summary>What is to be done: one operation.</summary>
    public AdmissionOperations Operation => Raw.Operation;

    /// <summary>The object as it is to be; null for deletions. A mutating webhook changes it.</summary>
    /// <exception cref="KubeFormatException">It is no <typeparamref name="T"/>; the server is told so, and where.</exception>
    public T? Object => _object ??= Raw.Object?.As<T>();

    /// <summary>The object as it is; null for what is new.</summary>
    /// <exception cref="KubeFormatException">It is no <typeparamref name="T"/>; the server is told so, and where.</exception>
    public T? OldObject => _oldObject ??= Raw.OldObject?.As<T>();

    /// <summary>Namespace and name; the name is empty where the server is yet to make one up.</summary>
    public NamespacedName Key => Raw.Key;

    /// <summary>The subresource, such as <c>status</c>; empty for the object itself.</summary>
    public string Subresource => Raw.Subresource;

    /// <summary>Who asks.</summary>
    public k8s.Models.V1UserInfo User => Raw.User;

    /// <summary>Whether nothing will be stored: a webhook with effects beside its answer leaves them out then.</summary>
    public bool IsDryRun => Raw.IsDryRun;
}
