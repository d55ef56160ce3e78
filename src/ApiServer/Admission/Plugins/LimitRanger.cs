using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Holds pods and claims to the limit ranges of their namespace, and gives containers what those say by default.</summary>
internal sealed class LimitRanger(ClusterStore cluster)
{
    private IEnumerable<JsonObject> Limits(string @namespace, params ReadOnlySpan<string> types)
    {
        var ranges = AdmissionPlugins.All(cluster, "", "limitranges");
        if (ranges.Count == 0)
        {
            return [];
        }
        var wanted = types.ToArray();
        return ranges.Enumerate(@namespace).SelectMany(r => (r.ToTree().At("spec", "limits") as JsonArray).Objects()).Where(l => Array.IndexOf(wanted, l.Text("type")) >= 0).ToList();
    }

    /// <summary>Requests and limits that a pod's containers do not give; an annotation says which they were.</summary>
    public void Default(string @namespace, JsonObject pod)
    {
        var said = new List<string>();
        foreach (var limit in Limits(@namespace, "Container"))
        {
            foreach (var (list, word) in ((string, string)[])[("containers", "container"), ("initContainers", "init container")])
            {
                foreach (var container in (pod.At("spec", list) as JsonArray).Objects())
                {
                    Fill(container, "requests", limit.Child("defaultRequest"), "request", word, said);
                    Fill(container, "limits", limit.Child("default"), "limit", word, said);
                }
            }
        }
        if (said.Count > 0)
        {
            pod.Metadata().Need("annotations")["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + string.Join("; ", said);
        }
    }

    private static void Fill(JsonObject container, string list, JsonObject? defaults, string what, string word, List<string> said)
    {
        var given = container.Child("resources")?.Child(list);
        var missing = (defaults ?? []).Where(d => given?.ContainsKey(d.Key) != true).OrderBy(d => d.Key, StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
        {
            return;
        }
        var target = container.Need("resources").Need(list);
        foreach (var (name, value) in missing)
        {
            target[name] = value!.DeepClone();
        }
        said.Add($"{string.Join(", ", missing.Select(m => m.Key))} {what} for {word} {container.Text("name")}");
    }

    /// <exception cref="ApiException">403 with everything that is out of bounds.</exception>
    public void Check(ApiResource row, string @namespace, JsonObject tree)
    {
        var problems = new List<string>();
        if (row.Plural == "persistentvolumeclaims")
        {
            foreach (var limit in Limits(@namespace, "PersistentVolumeClaim"))
            {
                Bounds(limit, "PersistentVolumeClaim", tree.At("spec", "resources", "requests") as JsonObject ?? [], null, problems);
            }
        }
        else
        {
            foreach (var limit in Limits(@namespace, "Container", "Pod"))
            {
                if (limit.Text("type") == "Pod")
                {
                    var spec = KubeJson.Deserialize<V1PodSpec>(Json.Bytes(tree.Need("spec")));
                    Bounds(limit, "Pod", Amounts(PodResources.Requests(spec)), Amounts(PodResources.Limits(spec)), problems);
                    continue;
                }
                foreach (var container in (tree.At("spec", "containers") as JsonArray).Objects().Concat((tree.At("spec", "initContainers") as JsonArray).Objects()))
                {
                    Bounds(limit, "Container", container.At("resources", "requests") as JsonObject ?? [], container.At("resources", "limits") as JsonObject ?? [], problems);
                }
            }
        }
        if (problems.Count > 0)
        {
            throw AdmissionPlugins.Forbidden(row, tree, problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems.Distinct())}]");
        }
    }

    private static JsonObject Amounts(Dictionary<string, ResourceQuantity> amounts) => new(amounts.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value.ToString())));

    private static void Bounds(JsonObject limit, string type, JsonObject requests, JsonObject? limits, List<string> problems)
    {
        static ResourceQuantity? Of(JsonObject? amounts, string name) => ResourceValidation.Quantity(amounts?[name]);
        foreach (var (name, value) in limit.Child("min") ?? [])
        {
            var (least, asked, most) = (ResourceValidation.Quantity(value)!, Of(requests, name), Of(limits, name));
            var head = $"minimum {name} usage per {type} is {least}";
            if (asked is null)
            {
                problems.Add($"{head}.  No request is specified");
            }
            else if (asked < least)
            {
                problems.Add($"{head}, but request is {asked}");
            }
            else if (most is not null && most < least)
            {
                problems.Add($"{head}, but limit is {most}");
            }
        }
        foreach (var (name, value) in limit.Child("max") ?? [])
        {
            var (bound, asked, most) = (ResourceValidation.Quantity(value)!, Of(requests, name), Of(limits, name));
            var head = $"maximum {name} usage per {type} is {bound}";
            if (limits is null ? asked is null : most is null)
            {
                problems.Add($"{head}.  No {(limits is null ? "request" : "limit")} is specified");
            }
            else if (most is not null && most > bound)
            {
                problems.Add($"{head}, but limit is {most}");
            }
            else if (asked is not null && asked > bound)
            {
                problems.Add($"{head}, but request is {asked}");
            }
        }
        foreach (var (name, value) in limit.Child("maxLimitRequestRatio") ?? [])
        {
            var (ratio, asked, most) = (ResourceValidation.Quantity(value)!, Of(requests, name), Of(limits, name));
            var head = $"{name} max limit to request ratio per {type} is {ratio}";
            if (asked is null || asked.IsZero)
            {
                problems.Add($"{head}, but no request is specified or request is 0");
            }
            else if (most is null || most.IsZero)
            {
                problems.Add($"{head}, but no limit is specified or limit is 0");
            }
            else if (most.ToDouble() / asked.ToDouble() > ratio.ToDouble())
            {
                problems.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{head}, but provided ratio is {most.ToDouble() / asked.ToDouble():F6}"));
            }
        }
    }
}
