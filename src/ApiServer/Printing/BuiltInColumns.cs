using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The columns that a kube-apiserver prints for the kinds people look at most.</summary>
internal static class BuiltInColumns
{
    private const string None = "<none>";

    public static TableColumns ConfigMaps { get; } = new(TableColumns.Name,
        Column("Data", o => (o.Child("data")?.Count ?? 0) + (o.Child("binaryData")?.Count ?? 0)), TableColumns.Age);

    public static TableColumns Secrets { get; } = new(TableColumns.Name,
        Column("Type", o => o.Text("type") ?? ""), Column("Data", o => o.Child("data")?.Count ?? 0), TableColumns.Age);

    public static TableColumns Namespaces { get; } = new(TableColumns.Name, Column("Status", o => o.TextAt("status", "phase") ?? ""), TableColumns.Age);

    public static TableColumns ServiceAccounts { get; } = new(TableColumns.Name, Column("Secrets", o => o.List("secrets")?.Count ?? 0), TableColumns.Age);

    public static TableColumns Leases { get; } = new(TableColumns.Name, Column("Holder", o => o.TextAt("spec", "holderIdentity") ?? ""), TableColumns.Age);

    public static TableColumns CustomResourceDefinitions { get; } = new(TableColumns.Name,
        new TableColumn("Created At", "date", static (o, _) => o.TextAt("metadata", "creationTimestamp") ?? ""))
    {
        NullWithoutRows = true,
    };

    public static TableColumns Roles { get; } = new(TableColumns.Name,
        new TableColumn("Created At", "date", static (o, _) => o.TextAt("metadata", "creationTimestamp") ?? ""))
    {
        NullWithoutRows = true,
    };

    public static TableColumns RoleBindings { get; } = new(TableColumns.Name,
        Column("Role", o => $"{o.TextAt("roleRef", "kind")}/{o.TextAt("roleRef", "name")}"), TableColumns.Age,
        Wide("Users", o => Subjects(o, "User")), Wide("Groups", o => Subjects(o, "Group")), Wide("ServiceAccounts", o => Subjects(o, "ServiceAccount")));

    public static TableColumns Pods { get; } = new(TableColumns.Name,
        Column("Ready", PodPrinting.Ready), Column("Status", PodPrinting.Status),
        new TableColumn("Restarts", "string", static (o, time) => PodPrinting.Restarts(o, time)), TableColumns.Age,
        Wide("IP", PodPrinting.Address), Wide("Node", o => o.TextAt("spec", "nodeName") ?? None),
        Wide("Nominated Node", o => o.TextAt("status", "nominatedNodeName") ?? None), Wide("Readiness Gates", PodPrinting.Gates));

    public static TableColumns Deployments { get; } = new(TableColumns.Name,
        Column("Ready", o => $"{Count(o, "status", "readyReplicas")}/{Count(o, "spec", "replicas")}"),
        Column("Up-to-date", o => Count(o, "status", "updatedReplicas")), Column("Available", o => Count(o, "status", "availableReplicas")), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")), Wide("Selector", o => Selector(o.At("spec", "selector"), "")));

    public static TableColumns ReplicaSets { get; } = new(TableColumns.Name,
        Number("Desired", o => Count(o, "spec", "replicas")), Number("Current", o => Count(o, "status", "replicas")), Number("Ready", o => Count(o, "status", "readyReplicas")), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")), Wide("Selector", o => Selector(o.At("spec", "selector"))));

    public static TableColumns ReplicationControllers { get; } = new(TableColumns.Name,
        Number("Desired", o => Count(o, "spec", "replicas")), Number("Current", o => Count(o, "status", "replicas")), Number("Ready", o => Count(o, "status", "readyReplicas")), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")), Wide("Selector", o => Pairs(o.At("spec", "selector"))));

    public static TableColumns StatefulSets { get; } = new(TableColumns.Name,
        Column("Ready", o => $"{Count(o, "status", "readyReplicas")}/{Count(o, "spec", "replicas")}"), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")));

    public static TableColumns DaemonSets { get; } = new(TableColumns.Name,
        Number("Desired", o => Count(o, "status", "desiredNumberScheduled")), Number("Current", o => Count(o, "status", "currentNumberScheduled")),
        Number("Ready", o => Count(o, "status", "numberReady")), Number("Up-to-date", o => Count(o, "status", "updatedNumberScheduled")),
        Number("Available", o => Count(o, "status", "numberAvailable")), Column("Node Selector", o => Pairs(o.At("spec", "template", "spec", "nodeSelector"))), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")), Wide("Selector", o => Selector(o.At("spec", "selector"))));

    public static TableColumns Jobs { get; } = new(TableColumns.Name, Column("Status", JobStatus), Column("Completions", JobCompletions),
        new TableColumn("Duration", "string", static (o, time) => JobDuration(o, time)), TableColumns.Age,
        Wide("Containers", o => Containers(o, "name")), Wide("Images", o => Containers(o, "image")), Wide("Selector", o => Selector(o.At("spec", "selector"))));

    public static TableColumns CronJobs { get; } = new(TableColumns.Name, Column("Schedule", o => o.TextAt("spec", "schedule") ?? ""),
        Column("Timezone", o => o.TextAt("spec", "timeZone") ?? None), Truth("Suspend", o => o.At("spec", "suspend").AsBool() == true ? "True" : "False"),
        Number("Active", o => (o.At("status", "active") as JsonArray)?.Count ?? 0),
        new TableColumn("Last Schedule", "string", static (o, time) => o.TextAt("status", "lastScheduleTime") is { } last ? Durations.Since(last, time) : None), TableColumns.Age,
        Wide("Containers", o => Names(o.At("spec", "jobTemplate", "spec", "template", "spec", "containers"), "name")),
        Wide("Images", o => Names(o.At("spec", "jobTemplate", "spec", "template", "spec", "containers"), "image")),
        Wide("Selector", o => Selector(o.At("spec", "jobTemplate", "spec", "selector"))));

    public static TableColumns Services { get; } = new(TableColumns.Name, Column("Type", o => o.TextAt("spec", "type") ?? ""),
        Column("Cluster-IP", o => (o.At("spec", "clusterIPs") as JsonArray).Texts().FirstOrDefault() ?? None), Column("External-IP", ExternalAddress),
        Column("Port(s)", ServicePorts), TableColumns.Age, Wide("Selector", o => Pairs(o.At("spec", "selector"))));

    public static TableColumns Nodes { get; } = new(TableColumns.Name, Column("Status", NodeStatus), Column("Roles", NodeRoles), TableColumns.Age,
        Column("Version", o => o.TextAt("status", "nodeInfo", "kubeletVersion") ?? ""),
        Wide("Internal-IP", o => NodeAddress(o, "InternalIP")), Wide("External-IP", o => NodeAddress(o, "ExternalIP")),
        Wide("OS-Image", o => o.TextAt("status", "nodeInfo", "osImage") is { Length: > 0 } s ? s : "<unknown>"),
        Wide("Kernel-Version", o => o.TextAt("status", "nodeInfo", "kernelVersion") is { Length: > 0 } s ? s : "<unknown>"),
        Wide("Container-Runtime", o => o.TextAt("status", "nodeInfo", "containerRuntimeVersion") is { Length: > 0 } s ? s : "<unknown>"));

    public static TableColumns Events { get; } = new(
        new TableColumn("Last Seen", "string", static (o, time) => EventPrinting.LastSeen(o, time)), Column("Type", o => o.Text("type") ?? ""), Column("Reason", o => o.Text("reason") ?? ""),
        Column("Object", o => EventPrinting.Involved(o)), Wide("Subobject", o => EventPrinting.Subobject(o)), Wide("Source", EventPrinting.Source), Column("Message", o => EventPrinting.Message(o)),
        new TableColumn("First Seen", "string", static (o, time) => EventPrinting.FirstSeen(o, time), "", 1), Wide("Count", o => EventPrinting.Count(o)),
        new TableColumn("Name", "string", static (o, _) => o.TextAt("metadata", "name") ?? "", "name", 1));

    public static TableColumns HorizontalPodAutoscalers { get; } = new(TableColumns.Name,
        Column("Reference", o => $"{o.TextAt("spec", "scaleTargetRef", "kind")}/{o.TextAt("spec", "scaleTargetRef", "name")}"), Column("Targets", OtherColumns.Targets),
        Column("MinPods", o => o.LongAt("spec", "minReplicas")?.ToString(CultureInfo.InvariantCulture) ?? "<unset>"),
        Column("MaxPods", o => Count(o, "spec", "maxReplicas")), Column("Replicas", o => Count(o, "status", "currentReplicas")), TableColumns.Age);

    public static TableColumns Ingresses { get; } = new(TableColumns.Name, Column("Class", o => o.TextAt("spec", "ingressClassName") ?? None),
        Column("Hosts", OtherColumns.Hosts),
        Column("Address", o => string.Join(",", Balancers(o))),
        Column("Ports", o => o.At("spec", "tls") is JsonArray { Count: > 0 } ? "80, 443" : "80"), TableColumns.Age);

    public static TableColumns PersistentVolumeClaims { get; } = new(TableColumns.Name,
        Column("Status", o => o.TextAt("metadata", "deletionTimestamp") is null ? o.TextAt("status", "phase") ?? "" : "Terminating"), Column("Volume", o => o.TextAt("spec", "volumeName") ?? ""),
        Column("Capacity", o => IsBound(o) ? o.TextAt("status", "capacity", "storage") ?? "0" : ""), Column("Access Modes", o => IsBound(o) ? OtherColumns.Modes(o.At("status", "accessModes")) : ""),
        Column("StorageClass", o => OtherColumns.Class(o)),
        Column("VolumeAttributesClass", o => o.TextAt("spec", "volumeAttributesClassName") ?? "<unset>"), TableColumns.Age, Wide("VolumeMode", o => o.TextAt("spec", "volumeMode") ?? "<unset>"));

    private static bool IsBound(JsonObject claim) => claim.TextAt("spec", "volumeName") is { Length: > 0 };

    public static TableColumns EndpointsColumns { get; } = new(TableColumns.Name, Column("Endpoints", OtherColumns.Addresses), TableColumns.Age);

    public static TableColumns PodDisruptionBudgets { get; } = new(TableColumns.Name,
        Column("Min Available", o => o.At("spec", "minAvailable")?.ToString() ?? "N/A"), Column("Max Unavailable", o => o.At("spec", "maxUnavailable")?.ToString() ?? "N/A"),
        Number("Allowed Disruptions", o => Count(o, "status", "disruptionsAllowed")), TableColumns.Age);

    internal static TableColumn Column(string name, Func<JsonObject, JsonNode?> cell) => new(name, "string", (o, _) => cell(o));

    internal static TableColumn Wide(string name, Func<JsonObject, JsonNode?> cell) => new(name, "string", (o, _) => cell(o), "", 1);

    /// <summary>A column of numbers. Some columns hold numbers and are called strings all the same, as in the real server.</summary>
    internal static TableColumn Number(string name, Func<JsonObject, JsonNode?> cell) => new(name, "integer", (o, _) => cell(o));

    internal static TableColumn Truth(string name, Func<JsonObject, JsonNode?> cell) => new(name, "boolean", (o, _) => cell(o));

    internal static long Count(JsonObject o, params ReadOnlySpan<string> path) => o.At(path).AsLong() ?? 0;

    private static string Containers(JsonObject o, string property) => Names(o.At("spec", "template", "spec", "containers"), property);

    internal static string Names(JsonNode? containers, string property) => string.Join(",", (containers as JsonArray).Objects().Select(c => c.Text(property) ?? ""));

    internal static string Pairs(JsonNode? map) => map is JsonObject { Count: > 0 } pairs
        ? string.Join(",", pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value.AsText()}")) : None;

    /// <summary>A label selector as text, its requirements in the order of their keys.</summary>
    internal static string Selector(JsonNode? selector, string empty = None)
    {
        if (selector is not JsonObject tree)
        {
            return empty;
        }
        var parts = (tree.Child("matchLabels") ?? []).Select(l => (l.Key, Text: $"{l.Key}={l.Value.AsText()}")).ToList();
        foreach (var expression in tree.List("matchExpressions").Objects())
        {
            var key = expression.Text("key") ?? "";
            var values = string.Join(",", expression.List("values").Texts().Order(StringComparer.Ordinal));
            parts.Add((key, expression.Text("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "Exists" => key,
                _ => $"!{key}",
            }));
        }
        return parts.Count == 0 ? empty : string.Join(",", parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Text));
    }

    private static string Subjects(JsonObject o, string kind) =>
        string.Join(", ", o.List("subjects").Objects().Where(s => s.Text("kind") == kind).Select(s => kind == "ServiceAccount" ? $"{s.Text("namespace")}/{s.Text("name")}" : s.Text("name")));

    private static JsonNode? JobStatus(JsonObject o)
    {
        bool Is(string type) => (o.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == type && c.Text("status") == "True");
        return Is("Complete") ? "Complete" : Is("Failed") ? "Failed" : o.TextAt("metadata", "deletionTimestamp") is not null ? "Terminating"
            : Is("Suspended") ? "Suspended" : Is("FailureTarget") ? "FailureTarget" : Is("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    }

    private static JsonNode? JobCompletions(JsonObject o) =>
        o.LongAt("spec", "completions") is { } wanted ? $"{Count(o, "status", "succeeded")}/{wanted}"
        : o.LongAt("spec", "parallelism") is > 1 and var parallel ? $"{Count(o, "status", "succeeded")}/1 of {parallel}" : $"{Count(o, "status", "succeeded")}/1";

    private static string JobDuration(JsonObject o, TimeProvider time)
    {
        if (o.TextAt("status", "startTime") is not { } start)
        {
            return "";
        }
        return o.TextAt("status", "completionTime") is { } end
            ? Durations.Human(DateTimeOffset.Parse(end, CultureInfo.InvariantCulture) - DateTimeOffset.Parse(start, CultureInfo.InvariantCulture))
            : Durations.Since(start, time);
    }

    private static JsonNode? ExternalAddress(JsonObject o)
    {
        var given = (o.At("spec", "externalIPs") as JsonArray).Texts().ToList();
        return o.TextAt("spec", "type") switch
        {
            "ExternalName" => o.TextAt("spec", "externalName") ?? "",
            "LoadBalancer" => Balancers(o).Concat(given).ToList() is { Count: > 0 } all ? string.Join(",", all) : "<pending>",
            "ClusterIP" or "NodePort" => given.Count > 0 ? string.Join(",", given) : None,
            _ => "<unknown>",
        };
    }

    /// <summary>Where load balancers of a status can be reached, each once, in order.</summary>
    private static IEnumerable<string> Balancers(JsonObject o) => (o.At("status", "loadBalancer", "ingress") as JsonArray).Objects()
        .Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname") ?? "").Where(a => a.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static JsonNode? ServicePorts(JsonObject o)
    {
        var ports = (o.At("spec", "ports") as JsonArray).Objects().Select(p =>
            p.At("nodePort").AsLong() is > 0 and var node ? $"{p["port"].AsLong()}:{node}/{p.Text("protocol")}" : $"{p["port"].AsLong()}/{p.Text("protocol")}").ToList();
        return ports.Count == 0 ? None : string.Join(",", ports);
    }

    private static JsonNode? NodeStatus(JsonObject o)
    {
        var ready = (o.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Ready");
        var text = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return o.At("spec", "unschedulable").AsBool() == true ? text + ",SchedulingDisabled" : text;
    }

    private static JsonNode? NodeRoles(JsonObject o)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in o.At("metadata", "labels") as JsonObject ?? [])
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key.Length > prefix.Length)
            {
                roles.Add(key[prefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value.AsText() is { Length: > 0 } role)
            {
                roles.Add(role);
            }
        }
        return roles.Count > 0 ? string.Join(",", roles) : None;
    }

    private static string NodeAddress(JsonObject o, string type) =>
        (o.At("status", "addresses") as JsonArray).Objects().FirstOrDefault(a => a.Text("type") == type)?.Text("address") ?? None;
}
