using System.Globalization;
using System.Text.Json.Nodes;
using static ActorKube.ApiServer.BuiltInColumns;

namespace ActorKube.ApiServer;

/// <summary>The columns of the kinds that are looked at less often.</summary>
internal static class OtherColumns
{
    private const string None = "<none>";
    private const string Unset = "<unset>";

    public static TableColumns PersistentVolumes { get; } = new(TableColumns.Name, Column("Capacity", o => o.TextAt("spec", "capacity", "storage") ?? "0"),
        Column("Access Modes", o => Modes(o.At("spec", "accessModes"))), Column("Reclaim Policy", o => o.TextAt("spec", "persistentVolumeReclaimPolicy") ?? ""),
        Column("Status", o => o.TextAt("metadata", "deletionTimestamp") is null ? o.TextAt("status", "phase") ?? "" : "Terminating"),
        Column("Claim", o => o.At("spec", "claimRef") is JsonObject claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
        Column("StorageClass", o => Class(o)), Column("VolumeAttributesClass", o => o.TextAt("spec", "volumeAttributesClassName") ?? Unset),
        Column("Reason", o => o.TextAt("status", "reason") ?? ""), TableColumns.Age, Wide("VolumeMode", o => o.TextAt("spec", "volumeMode") ?? Unset));

    /// <summary>The storage class of a volume or claim: the old annotation first.</summary>
    public static string Class(JsonObject o) => o.TextAt("metadata", "annotations", "volume.beta.kubernetes.io/storage-class") ?? o.TextAt("spec", "storageClassName") ?? "";

    public static TableColumns ComponentStatuses { get; } = new(TableColumns.Name,
        Column("Status", o => Health(o) switch { null => "Unknown", { } c => c.Text("status") == "True" ? "Healthy" : "Unhealthy" }), Column("Message", o => Health(o)?.Text("message") ?? ""),
        Column("Error", o => Health(o)?.Text("error") ?? ""));

    private static JsonObject? Health(JsonObject o) => o.List("conditions").Objects().FirstOrDefault(c => c.Text("type") == "Healthy");

    public static TableColumns ApiServices { get; } = new(TableColumns.Name,
        Column("Service", o => o.At("spec", "service") is JsonObject service ? $"{service.Text("namespace")}/{service.Text("name")}" : "Local"), Column("Available", Availability), TableColumns.Age);

    private static JsonNode? Availability(JsonObject o)
    {
        var condition = (o.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Available");
        return condition is null ? "Unknown" : condition.Text("status") == "True" ? "True" : $"{condition.Text("status")} ({condition.Text("reason")})";
    }

    public static TableColumns PodTemplates { get; } = new(TableColumns.Name, Column("Containers", o => Names(o.At("template", "spec", "containers"), "name")),
        Column("Images", o => Names(o.At("template", "spec", "containers"), "image")), Column("Pod Labels", o => Pairs(o.At("template", "metadata", "labels"))));

    public static TableColumns ResourceQuotas { get; } = new(TableColumns.Name, TableColumns.Age, Column("Request", o => Usage(o, limits: false)), Column("Limit", o => Usage(o, limits: true)));

    public static TableColumns ControllerRevisions { get; } = new(TableColumns.Name,
        Column("Controller", o => o.Metadata().List("ownerReferences").Objects().FirstOrDefault(r => r["controller"].AsBool() == true) is { } owner ? $"{Resource(owner)}/{owner.Text("name")}" : None),
        Column("Revision", o => o["revision"].AsLong() ?? 0), TableColumns.Age);

    public static TableColumns WebhookConfigurations { get; } = new(TableColumns.Name, Number("Webhooks", o => o.List("webhooks")?.Count ?? 0), TableColumns.Age);

    public static TableColumns AdmissionPolicies { get; } = new(TableColumns.Name, Number("Validations", o => (o.At("spec", "validations") as JsonArray)?.Count ?? 0),
        Column("ParamKind", o => o.At("spec", "paramKind") is JsonObject kind ? $"{kind.Text("apiVersion")}/{kind.Text("kind")}" : Unset), TableColumns.Age);

    public static TableColumns AdmissionPolicyBindings { get; } = new(TableColumns.Name, Column("PolicyName", o => o.TextAt("spec", "policyName") ?? ""),
        Column("ParamRef", o => o.At("spec", "paramRef") is not JsonObject reference ? Unset
            : reference.Text("name") is not { Length: > 0 } name ? Selector(reference["selector"])
            : $"{(reference.Text("namespace") is { Length: > 0 } space ? space : "*")}/{name}"), TableColumns.Age);

    public static TableColumns IngressClasses { get; } = new(TableColumns.Name, Column("Controller", o => o.TextAt("spec", "controller") ?? ""),
        Column("Parameters", o => o.At("spec", "parameters") is JsonObject p ? p.Text("kind") + (p.Text("apiGroup") is { Length: > 0 } g ? "." + g : "") + "/" + p.Text("name") : None), TableColumns.Age);

    public static TableColumns NetworkPolicies { get; } = new(TableColumns.Name, Column("Pod-Selector", o => Selector(o.At("spec", "podSelector"))), TableColumns.Age);

    public static TableColumns CertificateRequests { get; } = new(TableColumns.Name, TableColumns.Age, Column("SignerName", o => o.TextAt("spec", "signerName") ?? ""),
        Column("Requestor", o => o.TextAt("spec", "username") ?? ""),
        Column("RequestedDuration", o => o.LongAt("spec", "expirationSeconds") is { } seconds ? Durations.Human(TimeSpan.FromSeconds(seconds)) : None), Column("Condition", Decision));

    public static TableColumns EndpointSlices { get; } = new(TableColumns.Name, Column("AddressType", o => o.Text("addressType") ?? ""),
        Column("Ports", o => o.List("ports") is not { Count: > 0 } ports ? Unset : Few(ports.Objects().Select(p => p["port"] is { } number ? number.ToString() : p.Text("name") ?? "*"))),
        Column("Endpoints", o => o.List("endpoints") is not { Count: > 0 } all ? Unset : Few(all.Objects().SelectMany(e => e.List("addresses").Texts()))), TableColumns.Age);

    public static TableColumns FlowSchemas { get; } = new(TableColumns.Name, Column("PriorityLevel", o => o.TextAt("spec", "priorityLevelConfiguration", "name") ?? ""),
        Column("MatchingPrecedence", o => Count(o, "spec", "matchingPrecedence")), Column("DistinguisherMethod", o => o.TextAt("spec", "distinguisherMethod", "type") ?? None), TableColumns.Age,
        Column("MissingPL", o => (o.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Dangling")?.Text("status") ?? "?"))
    {
        // As requests meet them.
        Order = static (a, b) => (a.LongAt("spec", "matchingPrecedence") ?? 0).CompareTo(b.LongAt("spec", "matchingPrecedence") ?? 0),
    };

    public static TableColumns PriorityLevels { get; } = new(TableColumns.Name, Column("Type", o => o.TextAt("spec", "type") ?? ""),
        Column("NominalConcurrencyShares", o => o.LongAt("spec", "limited", "nominalConcurrencyShares") is { } n ? n : None),
        Column("Queues", o => o.LongAt("spec", "limited", "limitResponse", "queuing", "queues") is { } n ? n : None),
        Column("HandSize", o => o.LongAt("spec", "limited", "limitResponse", "queuing", "handSize") is { } n ? n : None),
        Column("QueueLengthLimit", o => o.LongAt("spec", "limited", "limitResponse", "queuing", "queueLengthLimit") is { } n ? n : None), TableColumns.Age);

    public static TableColumns RuntimeClasses { get; } = new(TableColumns.Name, Column("Handler", o => o.Text("handler") ?? ""), TableColumns.Age);

    public static TableColumns PriorityClasses { get; } = new(TableColumns.Name, Number("Value", o => o["value"].AsLong() ?? 0),
        Truth("Global-Default", o => o["globalDefault"].AsBool() == true), TableColumns.Age, Column("PreemptionPolicy", o => o.Text("preemptionPolicy") ?? ""));

    public static TableColumns CsiDrivers { get; } = new(TableColumns.Name, Truth("AttachRequired", o => o.At("spec", "attachRequired").AsBool() ?? true),
        Truth("PodInfoOnMount", o => o.At("spec", "podInfoOnMount").AsBool() ?? false), Truth("StorageCapacity", o => o.At("spec", "storageCapacity").AsBool() ?? false),
        Column("TokenRequests", o => o.At("spec", "tokenRequests") is JsonArray { Count: > 0 } tokens ? string.Join(",", tokens.Objects().Select(t => t.Text("audience"))) : Unset),
        Truth("RequiresRepublish", o => o.At("spec", "requiresRepublish").AsBool() ?? false),
        Column("Modes", o => string.Join(",", (o.At("spec", "volumeLifecycleModes") as JsonArray).Texts()) is { Length: > 0 } modes ? modes : None), TableColumns.Age);

    public static TableColumns CsiNodes { get; } = new(TableColumns.Name, Number("Drivers", o => (o.At("spec", "drivers") as JsonArray)?.Count ?? 0), TableColumns.Age);

    public static TableColumns StorageClasses { get; } = new(
        new TableColumn("Name", "string", static (o, _) => o.TextAt("metadata", "name") + (o.TextAt("metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true" ? " (default)" : ""), "name"),
        Column("Provisioner", o => o.Text("provisioner") ?? ""), Column("ReclaimPolicy", o => o.Text("reclaimPolicy") ?? "Delete"),
        Column("VolumeBindingMode", o => o.Text("volumeBindingMode") ?? "Immediate"), Column("AllowVolumeExpansion", o => o["allowVolumeExpansion"].AsBool() == true), TableColumns.Age);

    public static TableColumns VolumeAttachments { get; } = new(TableColumns.Name, new TableColumn("Attacher", "string", static (o, _) => o.TextAt("spec", "attacher") ?? "", "name"),
        Column("PV", o => o.TextAt("spec", "source", "persistentVolumeName") ?? ""), Column("Node", o => o.TextAt("spec", "nodeName") ?? ""),
        Truth("Attached", o => o.At("status", "attached").AsBool() == true), TableColumns.Age);

    /// <summary>What an autoscaler aims at, as <c>now/wanted</c>, two of them at most.</summary>
    public static JsonNode? Targets(JsonObject o)
    {
        if (o.Text("apiVersion") == "autoscaling/v1" && o.TextAt("metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics") is not null)
        {
            // Shown as it is, whatever version it was asked for in.
            o = o.Copy();
            new AutoscalerConversion().ToStorage(o);
        }
        var metrics = (o.At("spec", "metrics") as JsonArray).Objects().ToList();
        if (metrics.Count == 0)
        {
            // The first version says it in one number.
            return o.LongAt("spec", "targetCPUUtilizationPercentage") is { } wanted
                ? $"cpu: {(o.LongAt("status", "currentCPUUtilizationPercentage") is { } now ? $"{now}%" : "<unknown>")}/{wanted}%" : None;
        }
        var current = (o.At("status", "currentMetrics") as JsonArray).Objects().ToList();
        var shown = metrics.Take(2).Select((metric, i) => Target(metric, i < current.Count ? current[i] : null)).ToList();
        return metrics.Count > 2 ? $"{string.Join(", ", shown)} + {metrics.Count - 2} more..." : string.Join(", ", shown);
    }

    private static string Target(JsonObject metric, JsonObject? current)
    {
        var source = metric.Text("type") switch { "Resource" => "resource", "ContainerResource" => "containerResource", "Pods" => "pods", "Object" => "object", _ => "external" };
        var target = metric.At(source, "target") as JsonObject;
        var now = current.At(source, "current") as JsonObject;
        string Value(string field, string suffix) =>
            $"{(now?[field]?.ToString() is { Length: > 0 } value ? value + suffix : "<unknown>")}/{target?[field]}{suffix}";
        var text = target?["averageUtilization"] is not null ? Value("averageUtilization", "%")
            : target?["averageValue"] is not null ? Value("averageValue", "") + (source is "object" or "external" ? " (avg)" : "") : Value("value", "");
        return source is "resource" or "containerResource" ? $"{metric.TextAt(source, "name")}: {text}" : text;
    }

    /// <summary>Hosts of an ingress, three at most.</summary>
    public static JsonNode? Hosts(JsonObject o)
    {
        var rules = (o.At("spec", "rules") as JsonArray).Objects().ToList();
        var hosts = rules.Take(3).Select(r => r.Text("host")).Where(h => !string.IsNullOrEmpty(h)).ToList();
        return hosts.Count == 0 ? "*" : rules.Count > 3 ? $"{string.Join(",", hosts)} + {rules.Count - 3} more..." : string.Join(",", hosts);
    }

    /// <summary>Addresses of endpoints, three at most.</summary>
    public static JsonNode? Addresses(JsonObject o)
    {
        var all = new List<string>();
        foreach (var subset in o.List("subsets").Objects())
        {
            var addresses = subset.List("addresses").Objects().Select(a => a.Text("ip") ?? "").Select(ip => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip).ToList();
            var ports = subset.List("ports").Objects().Select(p => p["port"].AsLong() ?? 0).ToList();
            all.AddRange(ports.Count == 0 ? addresses : ports.SelectMany(port => addresses.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a}:{port}"))));
        }
        return all.Count == 0 ? None : Few(all);
    }

    /// <summary>Access modes in short.</summary>
    public static string Modes(JsonNode? modes) => string.Join(",", (modes as JsonArray).Texts().Distinct().Select(m => m switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => m,
    }));

    private static string Few(IEnumerable<string> values)
    {
        var all = values.ToList();
        if (string.Join(",", all.Take(3)).Length == 0)
        {
            return Unset;
        }
        return all.Count > 3 ? $"{string.Join(",", all.Take(3))} + {all.Count - 3} more..." : string.Join(",", all);
    }

    private static string Usage(JsonObject o, bool limits) => string.Join(", ", (o.At("status", "hard") as JsonObject ?? [])
        .Where(h => h.Key.StartsWith("limits.", StringComparison.Ordinal) == limits).OrderBy(h => h.Key, StringComparer.Ordinal)
        .Select(h => $"{h.Key}: {o.At("status", "used", h.Key)?.ToString() ?? "0"}/{h.Value}"));

    private static string Resource(JsonObject owner)
    {
        var group = Models.GroupVersion.Parse(owner.Text("apiVersion") ?? "v1").Group;
        var kind = owner.Text("kind")?.ToLowerInvariant() ?? "";
        return group.Length == 0 ? kind : $"{kind}.{group}";
    }

    private static JsonNode? Decision(JsonObject o)
    {
        var conditions = (o.At("status", "conditions") as JsonArray).Objects().Select(c => c.Text("type")).ToList();
        var words = new List<string> { conditions.Contains("Denied") ? "Denied" : conditions.Contains("Approved") ? "Approved" : "Pending" };
        if (conditions.Contains("Failed"))
        {
            words.Add("Failed");
        }
        if (!string.IsNullOrEmpty(o.TextAt("status", "certificate")))
        {
            words.Add("Issued");
        }
        return string.Join(",", words);
    }
}
