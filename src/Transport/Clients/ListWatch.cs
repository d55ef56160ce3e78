using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>What a reflector needs: lists and watches with fixed selectors.</summary>
internal sealed class ListWatch(
    RestClient rest, ResourceDefinition resource, string? @namespace, string? labelSelector, string? fieldSelector, ObjectCodec<KubeObject> codec) : IListWatch
{
    readonly ResourceVerbs<KubeObject> _verbs = new(rest, resource, @namespace, codec, hooks: null);

    public ResourceDefinition Resource => resource;

    public string? Namespace => _verbs.Namespace;

    public TimeSpan WatchRestart => rest.Configuration.WatchRestart;

    public async Task<KubeList> ListAsync(ListOptions options, CancellationToken cancellation) =>
        ResourceClient.ToList(await _verbs.ListAsync(Select(options), cancellation).ConfigureAwait(false), resource.Kind.ApiVersion, codec.ExpectedKind ?? "");

    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions options, CancellationToken cancellation) =>
        ResourceClient.WatchAsync(_verbs, Select(options), cancellation);

    ListOptions Select(ListOptions options) => options with { LabelSelector = labelSelector ?? options.LabelSelector, FieldSelector = fieldSelector ?? options.FieldSelector };
}
