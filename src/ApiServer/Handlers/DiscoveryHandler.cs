using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a server serves: legacy documents, group by group, and the aggregated one.</summary>
internal sealed class DiscoveryHandler(ResourceTable table)
{
    public Task CoreVersionsAsync(Exchange exchange)
    {
        var form = Accepted.ForDiscovery(exchange.Accept);
        return form.Form == OutputForm.AggregatedDiscovery
            ? AggregatedAsync(exchange, form, core: true)
            : exchange.Answer(200, new JsonObject
            {
                ["kind"] = "APIVersions",
                ["versions"] = new JsonArray("v1"),
                ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject
                {
                    ["clientCIDR"] = "0.0.0.0/0",
                    ["serverAddress"] = exchange.Http.Request.Host.Value,
                }),
            });
    }

    public Task GroupsAsync(Exchange exchange, bool aggregated = true)
    {
        var form = OfGroups(exchange);
        if (form.Form == OutputForm.AggregatedDiscovery)
        {
            if (!aggregated)
            {
                throw Errors.NotAcceptableTypes();
            }
            return AggregatedAsync(exchange, form, core: false);
        }
        var groups = new JsonArray();
        foreach (var group in table.Current.Groups.Where(g => g.Name.Length > 0))
        {
            groups.Add(Describe(group));
        }
        return exchange.Answer(200, new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = groups });
    }

    /// <summary>What lists of groups can be told in; refused in words of their own.</summary>
    private static Accepted OfGroups(Exchange exchange)
    {
        try
        {
            return Accepted.ForDiscovery(exchange.Accept);
        }
        catch (ApiException refused) when (refused.Code == 406)
        {
            throw Errors.NotAcceptableTypes();
        }
    }

    public Task GroupAsync(Exchange exchange, ApiGroup group)
    {
        if (OfGroups(exchange).Form == OutputForm.AggregatedDiscovery)
        {
            throw Errors.NotAcceptableTypes();
        }
        var description = Describe(group);
        var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (key, value) in description)
        {
            document[key] = value?.DeepClone();
        }
        return exchange.Answer(200, document);
    }

    /// <exception cref="ApiException">406: only the whole is told in the aggregated form.</exception>
    private static void OnlyPlain(Exchange exchange)
    {
        if (Accepted.ForDiscovery(exchange.Accept).Form == OutputForm.AggregatedDiscovery)
        {
            throw Errors.NotAcceptableTypes();
        }
    }

    public Task ResourcesAsync(Exchange exchange, string group, string version)
    {
        OnlyPlain(exchange);
        var resources = new JsonArray();
        foreach (var row in table.Current.Rows.Where(r => r.Group == group && r.Version == version).OrderBy(r => r.Plural, StringComparer.Ordinal))
        {
            var resource = new JsonObject
            {
                ["name"] = row.Plural,
                ["singularName"] = row.Singular,
                ["namespaced"] = row.Namespaced,
                ["kind"] = row.Kind,
                ["verbs"] = Texts(row.Verbs),
            };
            Put(resource, "shortNames", row.ShortNames);
            Put(resource, "categories", row.Categories);
            // What is made up when it is asked for is stored in no version.
            if (row.Has("list") && row.Plural != "componentstatuses")
            {
                resource["storageVersionHash"] = StorageHash(row);
            }
            resources.Add(resource);
            foreach (var sub in row.Subresources)
            {
                var entry = new JsonObject { ["name"] = $"{row.Plural}/{sub.Name}", ["singularName"] = "", ["namespaced"] = row.Namespaced };
                if (sub.Group is not null)
                {
                    entry["group"] = sub.Group;
                    entry["version"] = sub.Version;
                }
                entry["kind"] = sub.Kind ?? row.Kind;
                entry["verbs"] = Texts(sub.Verbs);
                resources.Add(entry);
            }
        }
        var document = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
        {
            document["apiVersion"] = "v1";
        }
        document["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        document["resources"] = resources;
        return exchange.Answer(200, document);
    }

    private Task AggregatedAsync(Exchange exchange, Accepted form, bool core)
    {
        var items = new JsonArray();
        var view = table.Current;
        foreach (var group in view.Groups.Where(g => g.Name.Length == 0 == core))
        {
            var versions = new JsonArray();
            foreach (var version in group.Versions)
            {
                var resources = new JsonArray();
                foreach (var row in view.Rows.Where(r => r.Group == group.Name && r.Version == version).OrderBy(r => r.Plural, StringComparer.Ordinal))
                {
                    resources.Add(Aggregated(row));
                }
                versions.Add(new JsonObject { ["version"] = version, ["resources"] = resources, ["freshness"] = "Current" });
            }
            var metadata = new JsonObject { ["creationTimestamp"] = null };
            if (group.Name.Length > 0)
            {
                metadata["name"] = group.Name;
            }
            items.Add(new JsonObject { ["metadata"] = metadata, ["versions"] = versions });
        }
        var document = new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = $"apidiscovery.k8s.io/{form.Version}",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
        var bytes = Json.Bytes(document);
        var tag = $"\"{Convert.ToHexString(SHA256.HashData(bytes))}\"";
        exchange.Http.Response.Headers.ETag = tag;
        exchange.Http.Response.Headers.Vary = "Accept";
        if (exchange.Http.Request.Headers.IfNoneMatch.ToString() is { Length: > 0 } known && known.Contains(tag, StringComparison.Ordinal))
        {
            exchange.Http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        var (body, media) = form.Protobuf ? (ProtobufForm.Discovery(document, bytes), ProtobufForm.MediaType) : form.Yaml ? (YamlForm.Of(document), YamlForm.MediaType) : (bytes, Exchange.JsonType);
        return exchange.Answer(200, body, $"{media};g=apidiscovery.k8s.io;v={form.Version};as=APIGroupDiscoveryList");
    }

    private static JsonObject Aggregated(ApiResource row)
    {
        // The core group's aggregated document leaves a response kind's group and version empty where they are the resource's own.
        var resource = new JsonObject
        {
            ["resource"] = row.Plural,
            ["responseKind"] = ResponseKind(row, row.Kind, null, null),
            ["scope"] = row.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = row.Singular,
            ["verbs"] = Texts(row.Verbs),
        };
        Put(resource, "shortNames", row.ShortNames);
        Put(resource, "categories", row.Categories);
        if (row.Subresources.Length > 0)
        {
            var subresources = new JsonArray();
            foreach (var sub in row.Subresources)
            {
                subresources.Add(new JsonObject
                {
                    ["subresource"] = sub.Name,
                    ["responseKind"] = ResponseKind(row, sub.Kind ?? row.Kind, sub.Group, sub.Version),
                    ["verbs"] = Texts(sub.Verbs),
                });
            }
            resource["subresources"] = subresources;
        }
        return resource;
    }

    private static JsonObject ResponseKind(ApiResource row, string kind, string? group, string? version) => new()
    {
        ["group"] = group ?? (row.Custom is null ? "" : row.Group),
        ["version"] = version ?? (row.Custom is null ? "" : row.Version),
        ["kind"] = kind,
    };

    private static JsonObject Describe(ApiGroup group)
    {
        var versions = new JsonArray();
        foreach (var version in group.Versions)
        {
            versions.Add(GroupVersion(group, version));
        }
        return new JsonObject { ["name"] = group.Name, ["versions"] = versions, ["preferredVersion"] = GroupVersion(group, group.Versions[0]) };
    }

    private static JsonObject GroupVersion(ApiGroup group, string version) => new() { ["groupVersion"] = $"{group.Name}/{version}", ["version"] = version };

    /// <summary>Says in which version objects are stored: the same for all versions that show the same objects.</summary>
    private string StorageHash(ApiResource row)
    {
        var stored = row.Custom is null && row.Conversion is not null ? table.Current.Rows.FirstOrDefault(r => ReferenceEquals(r.Store, row.Store) && r.Conversion is null) ?? row : row;
        // Definitions are still told to be stored as they once were.
        var version = row is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" } ? "v1beta1" : row.Custom?.StorageVersion ?? stored.Version;
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{stored.Group}/{version}/{stored.Kind}")).AsSpan(0, 8));
    }

    private static JsonArray Texts(string[] values) => [.. values.Select(v => (JsonNode)v)];

    private static void Put(JsonObject target, string property, string[] values)
    {
        if (values.Length > 0)
        {
            target[property] = Texts(values);
        }
    }
}
