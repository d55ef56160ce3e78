using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Writes the Events of one pod as scheduler and kubelet do: the same news again raises the count of the Event that told it first.</summary>
internal sealed class PodEvents(ObjectService objects, JsonObject pod, string node, bool enabled)
{
    private readonly Dictionary<(string Reason, string Message), string> _told = [];

    public void Tell(string reason, string message, string? container = null, bool warning = false, string component = "kubelet")
    {
        if (!enabled)
        {
            return;
        }
        try
        {
            Write(reason, message, container, warning, component);
        }
        catch (ApiException)
        {
            // The namespace goes, or the pod's name leaves no room: nobody reads the news.
        }
    }

    private void Write(string reason, string message, string? container, bool warning, string component)
    {
        var row = objects.Table.Current.Find("", "v1", "events")!;
        var meta = pod.Metadata();
        var space = meta.Text("namespace") ?? "default";
        var now = MetadataRules.Timestamp(objects.Time.GetUtcNow());
        string? known;
        lock (_told)
        {
            _told.TryGetValue((reason, message), out known);
        }
        if (known is not null && row.Store.Current.Get(space, known) is not null)
        {
            objects.Rewrite(row, space, known, tree =>
            {
                tree["count"] = (tree["count"].AsLong() ?? 1) + 1;
                tree["lastTimestamp"] = now;
            });
            return;
        }
        var about = new JsonObject
        {
            ["kind"] = "Pod", ["namespace"] = space, ["name"] = meta.Text("name"), ["uid"] = meta.Text("uid"), ["apiVersion"] = "v1", ["resourceVersion"] = meta.Text("resourceVersion"),
        };
        if (container is not null)
        {
            about["fieldPath"] = $"spec.containers{{{container}}}";
        }
        var name = ServerEvents.Write(objects, about, component, component == "kubelet" ? node : "", warning, reason, message);
        lock (_told)
        {
            _told[(reason, message)] = name;
        }
    }
}
