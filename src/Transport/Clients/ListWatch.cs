using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>What a reflector needs: objects as received, without the managed fields that no cache wants.</summary>
internal sealed class ListWatch(
    RestClient rest, ResourceDefinition resource, string? @namespace, string? labelSelector, string? fieldSelector, bool prefersProtobuf) : IListWatch
{
    readonly ResourceVerbs<KubeObject> _verbs = new(rest, resource, @namespace, new RawCodec(KubeObjectOptions.Default, resource.Kind, prefersProtobuf));

    public ResourceDefinition Resource => resource;

    public string? Namespace => _verbs.Namespace;

    public async Task<KubeList> ListAsync(ListOptions options, CancellationToken cancellation)
    {
        var page = await _verbs.ListAsync(Select(options), cancellation).ConfigureAwait(false);
        return new KubeList(resource.Kind.ApiVersion, resource.Kind.Kind + "List", page.Items, page.ResourceVersion, page.Continue, page.RemainingItemCount);
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions options, CancellationToken cancellation) =>
        ResourceClient.WatchAsync(_verbs, Select(options), cancellation);

    ListOptions Select(ListOptions options) => options with { LabelSelector = labelSelector, FieldSelector = fieldSelector };
}
