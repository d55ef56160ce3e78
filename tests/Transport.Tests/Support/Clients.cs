using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>Clients and resources that tests use.</summary>
static class Clients
{
    public static readonly KubernetesClientConfiguration Configuration = new() { Server = new Uri("http://server:8080"), Qps = -1 };

    public static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();
    public static readonly ResourceDefinition Nodes = ResourceDefinition.For<V1Node>();
    public static readonly ResourceDefinition Ats = new(new GroupVersionKind("cnat.programming-kubernetes.info", "v1alpha1", "At"), "ats", true);

    public static KubernetesClient Over(HttpMessageHandler handler, KubernetesClientConfiguration? configuration = null, TimeProvider? time = null) =>
        new(configuration ?? Configuration, new KubernetesClientOptions { Handler = handler, Time = time ?? TimeProvider.System });

    public static string Pod(string name, string version = "1", string extra = "") =>
        $$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"ns","resourceVersion":"{{{version}}}"}{{{extra}}}}""";

    public static string Event(string type, string @object) => $$"""{"type":"{{type}}","object":{{@object}}}""";

    public static async Task<List<T>> CollectAsync<T>(this IAsyncEnumerable<T> source, int count = int.MaxValue)
    {
        var items = new List<T>();
        await foreach (var item in source)
        {
            items.Add(item);
            if (items.Count == count) break;
        }
        return items;
    }
}
