using System.Text.Json;
using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>Reads aggregated discovery: all groups below one root in one document (<c>apidiscovery.k8s.io</c> v2 and v2beta1, which differ in nothing read here).</summary>
internal static class AggregatedDiscovery
{
    public const string Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    /// <returns>Null where the document is another one: the server does not aggregate.</returns>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static List<DiscoveredGroup>? Read(ReadOnlyMemory<byte> body, Dictionary<GroupVersion, string> failures)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object || Text(document.RootElement, "kind") != "APIGroupDiscoveryList") return null;
        var groups = new List<DiscoveredGroup>();
        foreach (var item in List(document.RootElement, "items"))
        {
            var name = item.TryGetProperty("metadata", out var metadata) ? Text(metadata, "name") : "";
            var versions = new List<DiscoveredVersion>();
            foreach (var version in List(item, "versions"))
            {
                var groupVersion = new GroupVersion(name, Text(version, "version"));
                if (Text(version, "freshness") == "Stale") failures[groupVersion] = "the server behind this group does not answer; what was known of it may be old";
                versions.Add(new DiscoveredVersion(groupVersion, [.. List(version, "resources").Select(resource => ReadResource(resource, groupVersion)).OfType<DiscoveredResource>()]));
            }
            if (versions.Count > 0) groups.Add(new DiscoveredGroup(name, versions[0].GroupVersion.Version, versions));
        }
        return groups;
    }

    /// <returns>Null for a resource without a kind of its own, which only carries subresources.</returns>
    static DiscoveredResource? ReadResource(JsonElement resource, GroupVersion groupVersion)
    {
        if (Kind(resource, groupVersion) is not { } kind) return null;
        return new DiscoveredResource(
            new ResourceDefinition(kind, Text(resource, "resource"), Text(resource, "scope") == "Namespaced"), Text(resource, "singularResource"),
            Texts(resource, "shortNames"), Texts(resource, "categories"), Texts(resource, "verbs"),
            [
                .. List(resource, "subresources").Select(part => new DiscoveredSubresource(
                    Text(part, "subresource"), Kind(part, groupVersion) ?? groupVersion.WithKind(""), Texts(part, "verbs")))
            ]);
    }

    static GroupVersionKind? Kind(JsonElement element, GroupVersion groupVersion)
    {
        if (!element.TryGetProperty("responseKind", out var kind) || kind.ValueKind != JsonValueKind.Object || Text(kind, "kind") is not { Length: > 0 } name) return null;
        return Text(kind, "version") is { Length: > 0 } version ? new GroupVersionKind(Text(kind, "group"), version, name) : groupVersion.WithKind(name);
    }

    static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    static IEnumerable<JsonElement> List(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object) : [];

    static string[] Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)] : [];
}
