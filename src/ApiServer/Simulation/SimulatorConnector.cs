using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Lets the server reach the pods on the simulated node, and the node itself.</summary>
internal sealed class SimulatorConnector(ObjectService objects, SimulatedPods pods) : INodeConnector
{
    private StoreSnapshot Stored => objects.Cluster.Store(new GroupResource("", "pods")).Current;

    public Task<INodePod?> FindAsync(NodePodReference pod, CancellationToken cancellation) => Task.FromResult<INodePod?>(
        pods.TryFind(pod.Uid, out var found) && Stored.Get(pod.Namespace, pod.Name) is { } stored ? new SimulatedPodSessions(pods, found, stored.ToTree()) : null);

    public Task<HttpResponseMessage?> SendAsync(string node, int port, HttpRequestMessage request, CancellationToken cancellation)
    {
        if (node != pods.Options.NodeName || port != 10250)
        {
            return Task.FromResult<HttpResponseMessage?>(null);
        }
        return Task.FromResult<HttpResponseMessage?>(request.RequestUri!.AbsolutePath switch
        {
            "/healthz" => Answer("ok", "text/plain"),
            "/pods" or "/pods/" => Answer(new JsonObject
            {
                ["kind"] = "PodList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(),
                ["items"] = new JsonArray([.. Stored.Enumerate(null).Select(p => p.ToTree()).Where(p => p.TextAt("spec", "nodeName") == node)]),
            }.ToJsonString(), "application/json"),
            _ => Answer("404 page not found\n", "text/plain", HttpStatusCode.NotFound),
        });
    }

    private static HttpResponseMessage Answer(string text, string type, HttpStatusCode code = HttpStatusCode.OK) => new(code) { Content = new StringContent(text, Encoding.UTF8, type) };
}
