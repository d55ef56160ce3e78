using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>How an Event looks in a table, in the core form as in that of <c>events.k8s.io</c>.</summary>
internal static class EventPrinting
{
    public static string Involved(JsonObject o)
    {
        var target = Target(o);
        var kind = target?.Text("kind")?.ToLowerInvariant() ?? "";
        return target?.Text("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    public static string Subobject(JsonObject o) => Target(o)?.Text("fieldPath") ?? "";

    public static JsonNode? Source(JsonObject o)
    {
        var source = o.Child("source") ?? o.Child("deprecatedSource");
        var component = First(source?.Text("component"), o.Text("reportingComponent"), o.Text("reportingController"));
        var host = First(source?.Text("host"), o.Text("reportingInstance"));
        return host.Length == 0 ? component : $"{component}, {host}";
    }

    public static string Message(JsonObject o) => First(o.Text("message"), o.Text("note")).Trim();

    public static long Count(JsonObject o) => o.LongAt("series", "count") ?? ((o["count"] ?? o["deprecatedCount"]).AsLong() is > 0 and var count ? count : 1);

    public static string FirstSeen(JsonObject o, TimeProvider time) => Durations.Since(o.Text("firstTimestamp") ?? o.Text("deprecatedFirstTimestamp") ?? o.Text("eventTime"), time);

    public static string LastSeen(JsonObject o, TimeProvider time) =>
        (o.TextAt("series", "lastObservedTime") ?? o.Text("lastTimestamp") ?? o.Text("deprecatedLastTimestamp")) is { } last ? Durations.Since(last, time) : FirstSeen(o, time);

    private static JsonObject? Target(JsonObject o) => o.Child("involvedObject") ?? o.Child("regarding");

    private static string First(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }
        return "";
    }
}
