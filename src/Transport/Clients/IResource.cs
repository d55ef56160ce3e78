using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>Objects of one resource. Thread-safe.</summary>
public interface IResource
{
    /// <summary>The resource.</summary>
    ResourceDefinition Resource { get; }

    /// <summary>The namespace; null for all, and for resources without one.</summary>
    string? Namespace { get; }

    /// <summary>Requests put together by hand, over the same connections.</summary>
    IRestClient Rest { get; }
}
