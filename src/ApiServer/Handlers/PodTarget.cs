using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The pod and container that a request for logs or a session means, by kube-apiserver's rules.</summary>
internal sealed record PodTarget(JsonObject Tree, string Uid, string Name, string? Node, string Phase)
{
    public static PodTarget Of(ApiResource row, RequestInfo info)
    {
        var stored = row.Store.Current.Get(info.Namespace ?? "", info.Name!) ?? throw Errors.NotFound(row.GroupResource, info.Name!);
        var tree = stored.ToTree();
        return new PodTarget(tree, stored.Uid, stored.Name, tree.TextAt("spec", "nodeName"), tree.TextAt("status", "phase") ?? "");
    }

    /// <summary>The container that is asked for, or the only one.</summary>
    /// <exception cref="ApiException">400: there is no such container, or more than one.</exception>
    public string Container(string? asked)
    {
        List<string> Names(string list) => [.. (Tree.At("spec", list) as JsonArray).Objects().Select(c => c.Text("name")).OfType<string>()];
        var (main, init, ephemeral) = (Names("containers"), Names("initContainers"), Names("ephemeralContainers"));
        if (string.IsNullOrEmpty(asked))
        {
            if (main.Count == 1)
            {
                return main[0];
            }
            var message = $"a container name must be specified for pod {Name}, choose one of: [{string.Join(' ', main)}]";
            message += init.Count > 0 ? $" or one of the init containers: [{string.Join(' ', init)}]" : "";
            message += ephemeral.Count > 0 ? $" or one of the ephemeral containers: [{string.Join(' ', ephemeral)}]" : "";
            throw Errors.BadRequest(message);
        }
        return main.Contains(asked) || init.Contains(asked) || ephemeral.Contains(asked) ? asked : throw Errors.BadRequest($"container {asked} is not valid for pod {Name}");
    }

    /// <summary>The pod, for whoever reaches its node.</summary>
    public NodePodReference Reference => new(Node ?? "", Tree.Metadata().Text("namespace") ?? "", Name, Uid);
}
