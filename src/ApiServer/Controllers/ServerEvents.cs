using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Writes Events of the server's own controllers and of the simulated node.</summary>
internal static class ServerEvents
{
    private static long _serial;

    /// <summary>Tells something about an object.</summary>
    /// <param name="objects">Where Events are written.</param>
    /// <param name="about">The reference to the object that it is about.</param>
    /// <param name="component">Who tells.</param>
    /// <param name="host">Where; empty for the control plane.</param>
    /// <param name="warning">Whether something went wrong.</param>
    /// <param name="reason">One word.</param>
    /// <param name="message">A sentence.</param>
    /// <returns>The Event's name.</returns>
    /// <exception cref="ApiException">It cannot be written: its namespace goes, or the object's name leaves no room.</exception>
    public static string Write(ObjectService objects, JsonObject about, string component, string host, bool warning, string reason, string message)
    {
        var row = objects.Table.Current.Find("", "v1", "events")!;
        // Events about objects without a namespace live in the default one.
        var space = about.Text("namespace") is { Length: > 0 } own ? own : "default";
        var now = MetadataRules.Timestamp(objects.Time.GetUtcNow());
        var source = new JsonObject { ["component"] = component };
        if (host.Length > 0)
        {
            source["host"] = host;
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"{about.Text("name")}.{objects.Time.GetUtcNow().Ticks + Interlocked.Increment(ref _serial):x16}");
        objects.Create(row, space, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
            ["involvedObject"] = about, ["reason"] = reason, ["message"] = message, ["source"] = source, ["type"] = warning ? "Warning" : "Normal",
            ["firstTimestamp"] = now, ["lastTimestamp"] = now, ["count"] = 1, ["reportingComponent"] = component, ["reportingInstance"] = host,
        }, WriteContext.Internal(component));
        return name;
    }
}
