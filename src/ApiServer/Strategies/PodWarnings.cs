using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>What Kubernetes warns of in pods and templates: what is allowed and still most likely a mistake.</summary>
internal static class PodWarnings
{
    private static readonly (string Key, string Message)[] OldAnnotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    private static readonly Dictionary<string, string> OldVolumes = new(StringComparer.Ordinal)
    {
        ["photonPersistentDisk"] = "deprecated in v1.11, non-functional in v1.16+",
        ["gitRepo"] = "deprecated in v1.11",
        ["scaleIO"] = "deprecated in v1.16, non-functional in v1.22+",
        ["flocker"] = "deprecated in v1.22, non-functional in v1.25+",
        ["storageos"] = "deprecated in v1.22, non-functional in v1.25+",
        ["quobyte"] = "deprecated in v1.22, non-functional in v1.25+",
        ["glusterfs"] = "deprecated in v1.25, non-functional in v1.26+",
        ["cephfs"] = "deprecated in v1.28, non-functional in v1.31+",
        ["rbd"] = "deprecated in v1.28, non-functional in v1.31+",
    };

    private static readonly Dictionary<string, string> OldNodeLabels = new(StringComparer.Ordinal)
    {
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    };

    /// <summary>Warnings for the pod template at a path of an object: for a new one, and for one that changed.</summary>
    public static IEnumerable<string> OfTemplate(JsonObject tree, JsonObject? old, params string[] path)
    {
        if (tree.At(path) is not JsonObject template || (old is not null && tree.Metadata()["generation"].AsLong() is { } generation && generation == old.Metadata()["generation"].AsLong()))
        {
            return [];
        }
        return [.. old is null ? OfName(tree, "Pod names and hostnames") : [], .. Of(template, string.Join('.', path) + ".")];
    }

    /// <summary>A name that is no DNS label, and shall become a part of pods'.</summary>
    public static IEnumerable<string> OfName(JsonObject tree, string use) =>
        NameValidation.Problems(NameRule.Label, tree.Metadata().Text("name") ?? "") is { Count: > 0 } problems
            ? [$"metadata.name: this is used in {use}, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', problems)}]"]
            : [];

    /// <summary>Warnings for a pod, or a template.</summary>
    /// <param name="pod">An object with metadata and spec.</param>
    /// <param name="at">Where it stands, with a dot at the end; empty for a pod.</param>
    public static IEnumerable<string> Of(JsonObject pod, string at = "")
    {
        var spec = pod.Child("spec") ?? [];
        var annotations = pod.Child("metadata")?.Child("annotations") ?? [];
        var warnings = new List<string>();
        foreach (var (key, _) in spec.Child("nodeSelector") ?? [])
        {
            if (OldNodeLabels.TryGetValue(key, out var message))
            {
                warnings.Add($"{at}spec.nodeSelector[{key}]: {message}");
            }
        }
        Spread(spec, at, warnings);
        foreach (var (key, message) in OldAnnotations)
        {
            if (annotations.ContainsKey(key))
            {
                warnings.Add($"{at}metadata.annotations[{key}]: {message}");
            }
        }
        var index = 0;
        foreach (var volume in spec.List("volumes").Objects())
        {
            foreach (var (source, _) in volume)
            {
                if (OldVolumes.TryGetValue(source, out var message))
                {
                    warnings.Add($"{at}spec.volumes[{index}].{(source == "storageos" ? "storageOS" : source)}: {message}");
                }
            }
            index++;
        }
        Repeated(spec.List("hostAliases"), "ip", $"{at}spec.hostAliases", warnings);
        Repeated(spec.List("imagePullSecrets"), "name", $"{at}spec.imagePullSecrets", warnings);
        index = 0;
        foreach (var secret in spec.List("imagePullSecrets").Objects())
        {
            if (string.IsNullOrEmpty(secret.Text("name")))
            {
                warnings.Add($"{at}spec.imagePullSecrets[{index}].name: invalid empty name \"\"");
            }
            index++;
        }
        foreach (var (container, where) in Containers(spec, at))
        {
            Fractions(container, where, warnings);
            HiddenVariables(container, where, warnings);
        }
        Ports(spec, at, warnings);
        if (spec["terminationGracePeriodSeconds"].AsLong() < 0)
        {
            warnings.Add($"{at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1");
        }
        Affinities(spec, at, warnings);
        return warnings;
    }

    /// <summary>Containers in the order in which Kubernetes visits them, and where they stand.</summary>
    private static IEnumerable<(JsonObject Container, string Where)> Containers(JsonObject spec, string at)
    {
        foreach (var list in (string[])["initContainers", "containers", "ephemeralContainers"])
        {
            var index = 0;
            foreach (var container in spec.List(list).Objects())
            {
                yield return (container, $"{at}spec.{list}[{index++}]");
            }
        }
    }

    private static void Spread(JsonObject spec, string at, List<string> warnings)
    {
        var index = 0;
        foreach (var constraint in spec.List("topologySpreadConstraints").Objects())
        {
            var where = $"{at}spec.topologySpreadConstraints[{index++}]";
            if (OldNodeLabels.TryGetValue(constraint.Text("topologyKey") ?? "", out var message))
            {
                warnings.Add($"{where}.topologyKey: {constraint.Text("topologyKey")} is {message}");
            }
            if (constraint["labelSelector"] is null)
            {
                warnings.Add($"{where}.labelSelector: a null labelSelector results in matching no pod");
            }
        }
    }

    private static void Affinities(JsonObject spec, string at, List<string> warnings)
    {
        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            foreach (var (strength, below) in ((string, string)[])[("requiredDuringSchedulingIgnoredDuringExecution", ""), ("preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm")])
            {
                var index = 0;
                foreach (var term in (spec.At("affinity", kind, strength) as JsonArray).Objects())
                {
                    var selecting = below.Length == 0 ? term : term.Child(below);
                    if (selecting?["labelSelector"] is null)
                    {
                        warnings.Add($"{at}spec.affinity.{kind}.{strength}[{index}].{(below.Length == 0 ? "" : below + ".")}labelSelector: a null labelSelector results in matching no pod");
                    }
                    index++;
                }
            }
        }
    }

    private static void Repeated(JsonArray? list, string field, string at, List<string> warnings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in list.Objects())
        {
            if (!seen.Add(item.Text(field) ?? ""))
            {
                warnings.Add($"{at}[{index}].{field}: duplicate {field} {FieldErrors.Quote(item.Text(field) ?? "")}");
            }
            index++;
        }
    }

    private static void Fractions(JsonObject container, string where, List<string> warnings)
    {
        foreach (var resource in (string[])["memory", "ephemeral-storage"])
        {
            foreach (var list in (string[])["limits", "requests"])
            {
                if (container.At("resources", list, resource) is { } value && ResourceQuantity.TryParse(value.ToString(), out var amount) && amount.ToMilli() % 1000 != 0)
                {
                    warnings.Add($"{where}.resources.{list}[{resource}]: fractional byte value {FieldErrors.Quote(value.ToString())} is invalid, must be an integer");
                }
            }
        }
    }

    private static void HiddenVariables(JsonObject container, string where, List<string> warnings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var variable in container.List("env").Objects())
        {
            var name = variable.Text("name") ?? "";
            var reference = $"$({name})";
            var value = variable.Text("value") ?? "";
            if (!seen.Add(name) && (variable["valueFrom"] is not null || value == reference || !value.Contains(reference, StringComparison.Ordinal)))
            {
                warnings.Add($"{where}.env[{index}]: hides previous definition of {FieldErrors.Quote(name)}, which may be dropped when using apply");
            }
            index++;
        }
    }

    private static void Ports(JsonObject spec, string at, List<string> warnings)
    {
        var taken = new List<(string Key, string Where, JsonObject Port)>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var named = new List<string>();
        foreach (var (container, where) in Containers(spec, at))
        {
            var index = 0;
            foreach (var port in container.List("ports").Objects())
            {
                var here = $"{where}.ports[{index++}]";
                var key = $"{port["containerPort"].AsLong() ?? 0}/{port.Text("protocol")}";
                foreach (var other in taken.Where(t => t.Key == key))
                {
                    if (Clash(port, other.Port) is { } clash)
                    {
                        warnings.Add($"{here}: {clash} port definition with {other.Where}");
                    }
                }
                taken.Add((key, here, port));
                if (port.Text("name") is { Length: > 0 } name && !names.TryAdd(name, here))
                {
                    named.Add($"{here}: duplicate port name {FieldErrors.Quote(name)} with {names[name]}, services and probes that select ports by name will use {names[name]}");
                }
            }
        }
        warnings.AddRange(named);
    }

    private static string? Clash(JsonObject port, JsonObject other)
    {
        var (address, otherAddress) = (port.Text("hostIP") ?? "", other.Text("hostIP") ?? "");
        var (number, otherNumber) = (port["hostPort"].AsLong() ?? 0, other["hostPort"].AsLong() ?? 0);
        if (address == otherAddress && number == otherNumber)
        {
            return "duplicate";
        }
        if (number == 0 || otherNumber == 0)
        {
            return "overlapping";
        }
        return number == otherNumber && address.Length == 0 != (otherAddress.Length == 0) ? "dangerously ambiguous" : null;
    }
}
