using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>What must hold for every pod spec and template: the rules that authors of controllers meet.</summary>
internal static class PodValidation
{
    private static readonly string[] NotForEphemeral = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        var volumes = Volumes(spec.List("volumes"), $"{path}.volumes", errors);
        var containers = spec.List("containers");
        if (containers is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        Containers(spec.List("initContainers"), $"{path}.initContainers", names, volumes, errors);
        Containers(containers, $"{path}.containers", names, volumes, errors);
        Choice(spec, "restartPolicy", path, ["Always", "OnFailure", "Never"], errors);
        if (spec.Text("dnsPolicy") is { } dns && dns is not ("ClusterFirst" or "ClusterFirstWithHostNet" or "Default" or "None"))
        {
            errors.NotSupported($"{path}.dnsPolicy", dns, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
        }
        if (spec["terminationGracePeriodSeconds"].AsLong() is < 0 and var grace)
        {
            errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0");
        }
        if (spec["activeDeadlineSeconds"].AsLong() is { } deadline and (< 1 or > int.MaxValue))
        {
            errors.Invalid($"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
        }
        Name(spec.Text("serviceAccountName"), NameRule.Subdomain, $"{path}.serviceAccountName", errors);
        Name(spec.Text("nodeName"), NameRule.Subdomain, $"{path}.nodeName", errors);
        Name(spec.Text("hostname"), NameRule.Label, $"{path}.hostname", errors);
        Name(spec.Text("subdomain"), NameRule.Label, $"{path}.subdomain", errors);
        NameValidation.Labels(spec.Child("nodeSelector"), $"{path}.nodeSelector", errors);
        Tolerations(spec.List("tolerations"), $"{path}.tolerations", errors);
    }

    /// <summary>Ephemeral containers of a whole pod spec.</summary>
    public static void Ephemeral(JsonObject spec, FieldErrors errors)
    {
        const string path = "spec.ephemeralContainers";
        var others = spec.List("containers").Objects().Concat(spec.List("initContainers").Objects()).Select(c => c.Text("name")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var volumes = spec.List("volumes").Objects().Select(v => v.Text("name")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        Containers(spec.List("ephemeralContainers"), path, names, volumes, errors);
        var index = 0;
        foreach (var container in spec.List("ephemeralContainers").Objects())
        {
            var at = $"{path}[{index++}]";
            foreach (var field in NotForEphemeral.Where(f => container[f] is not null))
            {
                errors.Forbidden($"{at}.{field}", "cannot be set for an Ephemeral Container");
            }
            if (container.Child("resources") is { Count: > 0 })
            {
                errors.Forbidden($"{at}.resources", "cannot be set for an Ephemeral Container");
            }
            if (container.Text("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound($"{at}.targetContainerName", target);
            }
        }
    }

    private static void Name(string? value, NameRule rule, string field, FieldErrors errors)
    {
        foreach (var problem in string.IsNullOrEmpty(value) ? [] : NameValidation.Problems(rule, value))
        {
            errors.Invalid(field, value, problem);
        }
    }

    private static void Choice(JsonObject tree, string field, string path, string[] known, FieldErrors errors)
    {
        if (tree.Text(field) is { Length: > 0 } value && Array.IndexOf(known, value) < 0)
        {
            errors.NotSupported($"{path}.{field}", value, known);
        }
    }

    private static HashSet<string> Volumes(JsonArray? volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in volumes.Objects())
        {
            var at = $"{path}[{index++}]";
            var name = volume.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else
            {
                Name(name, NameRule.Label, $"{at}.name", errors);
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }
            foreach (var extra in volume.Select(p => p.Key).Where(k => k != "name").Skip(1))
            {
                errors.Forbidden($"{at}.{extra}", "may not specify more than 1 volume type");
            }
            foreach (var (source, field) in ((string, string)[])[("configMap", "name"), ("secret", "secretName"), ("persistentVolumeClaim", "claimName"), ("hostPath", "path")])
            {
                if (volume.Child(source) is { } tree && string.IsNullOrEmpty(tree.Text(field)))
                {
                    errors.Required($"{at}.{source}.{field}");
                }
            }
        }
        return names;
    }

    private static void Containers(JsonArray? containers, string path, HashSet<string> names, HashSet<string> volumes, FieldErrors errors)
    {
        var index = 0;
        foreach (var container in containers.Objects())
        {
            var at = $"{path}[{index++}]";
            var name = container.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else
            {
                Name(name, NameRule.Label, $"{at}.name", errors);
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }
            if (string.IsNullOrEmpty(container.Text("image")))
            {
                errors.Required($"{at}.image");
            }
            else if (container.Text("image") is { } image && image.Trim() != image)
            {
                errors.Invalid($"{at}.image", image, "must not have leading or trailing whitespace");
            }
            Choice(container, "imagePullPolicy", at, ["Always", "IfNotPresent", "Never"], errors);
            Choice(container, "terminationMessagePolicy", at, ["FallbackToLogsOnError", "File"], errors);
            ContainerPorts(container.List("ports"), at, errors);
            Environment(container.List("env"), at, errors);
            Mounts(container.List("volumeMounts"), volumes, at, errors);
            Resources(container.Child("resources"), at, errors);
            foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            {
                Probe(container.Child(probe), $"{at}.{probe}", probe != "readinessProbe", errors);
            }
        }
    }

    private static void ContainerPorts(JsonArray? ports, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in ports.Objects())
        {
            var at = $"{path}.ports[{index++}]";
            var number = port["containerPort"].AsLong();
            if (number is null or 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else if (number is < 1 or > 65535)
            {
                errors.Invalid($"{at}.containerPort", number, "must be between 1 and 65535, inclusive");
            }
            if (port["hostPort"].AsLong() is { } host and not 0 and (< 1 or > 65535))
            {
                errors.Invalid($"{at}.hostPort", host, "must be between 1 and 65535, inclusive");
            }
            Choice(port, "protocol", at, ["SCTP", "TCP", "UDP"], errors);
            if (port.Text("name") is { Length: > 0 } name)
            {
                var problems = Ports.NameProblems(name).ToList();
                foreach (var problem in problems)
                {
                    errors.Invalid($"{at}.name", name, problem);
                }
                if (problems.Count == 0 && !names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }
        }
    }

    private static void Environment(JsonArray? variables, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in variables.Objects())
        {
            var at = $"{path}.env[{index++}]";
            var name = variable.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else if (name.Any(c => c is < ' ' or > '~' or '='))
            {
                errors.Invalid($"{at}.name", name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
            }
            if (variable.Child("valueFrom") is not { } source)
            {
                continue;
            }
            if (!string.IsNullOrEmpty(variable.Text("value")))
            {
                errors.Invalid($"{at}.valueFrom", "", "may not be specified when `value` is not empty");
            }
            if (source.Count != 1)
            {
                errors.Invalid($"{at}.valueFrom", "", source.Count == 0 ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`" : "may not have more than one field specified at a time");
            }
            foreach (var reference in (string[])["configMapKeyRef", "secretKeyRef"])
            {
                if (source.Child(reference) is { } tree && string.IsNullOrEmpty(tree.Text("key")))
                {
                    errors.Required($"{at}.valueFrom.{reference}.key");
                }
            }
        }
    }

    private static void Mounts(JsonArray? mounts, HashSet<string> volumes, string path, FieldErrors errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in mounts.Objects())
        {
            var at = $"{path}.volumeMounts[{index++}]";
            var name = mount.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            if (!volumes.Contains(name))
            {
                errors.NotFound($"{at}.name", name);
            }
            var target = mount.Text("mountPath") ?? "";
            if (target.Length == 0)
            {
                errors.Required($"{at}.mountPath");
            }
            if (!paths.Add(target))
            {
                errors.Invalid($"{at}.mountPath", target, "must be unique");
            }
        }
    }

    private static void Resources(JsonObject? resources, string path, FieldErrors errors)
    {
        foreach (var list in (string[])["limits", "requests"])
        {
            foreach (var (name, value) in resources?.Child(list) ?? [])
            {
                if (!ResourceQuantity.TryParse(value?.ToString() ?? "", out var amount))
                {
                    continue;
                }
                if (amount.ToDecimal() < 0)
                {
                    errors.Invalid($"{path}.resources.{list}[{name}]", value!.DeepClone(), "must be greater than or equal to 0");
                }
                if (!name.Contains('/', StringComparison.Ordinal) && name is not ("cpu" or "memory" or "ephemeral-storage") && !name.StartsWith("hugepages-", StringComparison.Ordinal))
                {
                    errors.Invalid($"{path}.resources.{list}[{name}]", name, "must be a standard resource type or fully qualified");
                }
                if (list == "requests" && resources!.Child("limits")?[name] is { } limit && ResourceQuantity.TryParse(limit.ToString(), out var most) && amount.ToDecimal() > most.ToDecimal())
                {
                    errors.Invalid($"{path}.resources.requests", value!.DeepClone(), $"must be less than or equal to {name} limit of {limit}");
                }
            }
        }
    }

    private static void Probe(JsonObject? probe, string at, bool onceOnly, FieldErrors errors)
    {
        if (probe is null)
        {
            return;
        }
        var handlers = ((string[])["exec", "httpGet", "tcpSocket", "grpc"]).Where(h => probe[h] is not null).ToList();
        if (handlers.Count == 0)
        {
            errors.Required(at, "must specify a handler type");
        }
        foreach (var extra in handlers.Skip(1))
        {
            errors.Forbidden($"{at}.{extra}", "may not specify more than 1 handler type");
        }
        if (probe.Child("exec") is { } command && command.List("command") is not { Count: > 0 })
        {
            errors.Required($"{at}.exec.command");
        }
        foreach (var handler in (string[])["httpGet", "tcpSocket"])
        {
            if (probe.Child(handler) is { } tree)
            {
                Ports.CheckTarget(tree["port"] ?? JsonValue.Create(0), $"{at}.{handler}.port", errors);
            }
        }
        foreach (var field in (string[])["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            if (probe[field].AsLong() is < 0 and var value)
            {
                errors.Invalid($"{at}.{field}", value, "must be greater than or equal to 0");
            }
        }
        if (onceOnly && probe["successThreshold"].AsLong() is { } threshold and not 1)
        {
            errors.Invalid($"{at}.successThreshold", threshold, "must be 1");
        }
    }

    private static void Tolerations(JsonArray? tolerations, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var toleration in tolerations.Objects())
        {
            var at = $"{path}[{index++}]";
            var symbol = toleration.Text("operator") ?? "";
            if (symbol is not ("" or "Equal" or "Exists"))
            {
                errors.NotSupported($"{at}.operator", symbol, ["Equal", "Exists"]);
            }
            if (symbol == "Exists" && !string.IsNullOrEmpty(toleration.Text("value")))
            {
                errors.Invalid($"{at}.operator", toleration.DeepClone(), "value must be empty when `operator` is 'Exists'");
            }
            if (string.IsNullOrEmpty(toleration.Text("key")) && symbol != "Exists")
            {
                errors.Invalid($"{at}.operator", symbol, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }
            if (toleration.Text("effect") is { Length: > 0 } effect and not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.NotSupported($"{at}.effect", effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
            }
        }
    }
}
