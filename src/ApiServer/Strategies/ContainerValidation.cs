using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Containers of all three sorts: what each must have, and what only some may.</summary>
internal static class ContainerValidation
{
    private const string OnlySidecars = "may not be set for init containers without restartPolicy=Always";

    private static readonly string[] NotForEphemeral = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy", "restartPolicy"];

    /// <summary>The containers of a pod spec, in the order in which Kubernetes looks at them.</summary>
    public static void Containers(JsonObject spec, string path, IReadOnlyDictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        Main(spec.List("containers"), $"{path}.containers", volumes, errors);
        Initial(spec, path, volumes, errors);
        Ephemeral(spec, path, volumes, errors);
    }

    private static void Main(JsonArray? containers, string path, IReadOnlyDictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        if (containers is not { Count: > 0 })
        {
            errors.Required(path);
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var container in containers.Objects())
        {
            var at = $"{path}[{index++}]";
            Common(container, at, volumes, errors);
            if (!names.Add(container.Text("name") ?? ""))
            {
                errors.Duplicate($"{at}.name", container.Text("name") ?? "");
            }
            HandlerValidation.Lifecycle(container, at, errors);
            if (container["restartPolicy"] is not null)
            {
                errors.Forbidden($"{at}.restartPolicy", "may not be set for non-init containers");
            }
        }
        HostPorts(containers, path, errors);
    }

    private static void Initial(JsonObject spec, string path, IReadOnlyDictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        var names = spec.List("containers").Objects().Select(c => c.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        var index = 0;
        foreach (var container in spec.List("initContainers").Objects())
        {
            var at = $"{path}.initContainers[{index++}]";
            Common(container, at, volumes, errors);
            if (container.Text("restartPolicy") is { } policy && policy != "Always")
            {
                errors.NotSupported($"{at}.restartPolicy", policy, ["Always"]);
            }
            if (!names.Add(container.Text("name") ?? ""))
            {
                errors.Duplicate($"{at}.name", container.Text("name") ?? "");
            }
            HostPorts([container.DeepClone()], $"{path}.initContainers", errors);
            if (container.Text("restartPolicy") == "Always")
            {
                HandlerValidation.Lifecycle(container, at, errors);
                continue;
            }
            foreach (var field in (string[])["lifecycle", .. HandlerValidation.Probes])
            {
                if (container[field] is not null)
                {
                    errors.Forbidden($"{at}.{field}", OnlySidecars);
                }
            }
        }
    }

    /// <summary>Containers that are put into a running pod.</summary>
    private static void Ephemeral(JsonObject spec, string path, IReadOnlyDictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        var others = spec.List("containers").Objects().Concat(spec.List("initContainers").Objects()).Select(c => c.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        var index = 0;
        foreach (var container in spec.List("ephemeralContainers").Objects())
        {
            var at = $"{path}.ephemeralContainers[{index++}]";
            Common(container, at, volumes, errors);
            if (!names.Add(container.Text("name") ?? ""))
            {
                errors.Duplicate($"{at}.name", container.Text("name") ?? "");
            }
            if (container.Text("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound($"{at}.targetContainerName", target);
            }
            foreach (var field in NotForEphemeral.Where(f => container[f] is not null))
            {
                errors.Forbidden($"{at}.{field}", "cannot be set for an Ephemeral Container");
            }
            if (container.Child("resources") is { Count: > 0 })
            {
                errors.Forbidden($"{at}.resources", "cannot be set for an Ephemeral Container");
            }
            var mount = 0;
            foreach (var item in container.List("volumeMounts").Objects())
            {
                foreach (var field in (string[])["subPath", "subPathExpr"])
                {
                    if (!string.IsNullOrEmpty(item.Text(field)))
                    {
                        errors.Forbidden($"{at}.volumeMounts[{mount}].{field}", "cannot be set for an Ephemeral Container");
                    }
                }
                mount++;
            }
        }
    }

    private static void Common(JsonObject container, string at, IReadOnlyDictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required($"{at}.name");
        }
        PodValidation.Name(name, NameRule.Label, $"{at}.name", errors);
        if (string.IsNullOrEmpty(container.Text("image")))
        {
            errors.Required($"{at}.image");
        }
        PodValidation.Choice(container, "terminationMessagePolicy", at, ["FallbackToLogsOnError", "File"], errors, required: true);
        ContainerPorts(container.List("ports"), at, errors);
        EnvironmentValidation.Variables(container.List("env"), at, errors);
        EnvironmentValidation.Sources(container.List("envFrom"), $"{at}.envFrom", errors);
        VolumeValidation.Mounts(container, volumes, at, errors);
        VolumeValidation.Devices(container, volumes, at, errors);
        PodValidation.Choice(container, "imagePullPolicy", at, ["Always", "IfNotPresent", "Never"], errors, required: true);
        ResourceValidation.OfContainer(container.Child("resources"), $"{at}.resources", errors);
        SecurityContexts.OfContainer(container.Child("securityContext"), $"{at}.securityContext", errors);
    }

    private static void HostPorts(JsonArray containers, string path, FieldErrors errors)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var container = 0;
        foreach (var item in containers.Objects())
        {
            var index = 0;
            foreach (var port in item.List("ports").Objects())
            {
                if (port["hostPort"].AsLong() is { } number and not 0)
                {
                    var key = $"{port.Text("protocol")}/{port.Text("hostIP")}/{number}";
                    if (!taken.Add(key))
                    {
                        errors.Duplicate($"{path}[{container}].ports[{index}].hostPort", key);
                    }
                }
                index++;
            }
            container++;
        }
    }

    private static void ContainerPorts(JsonArray? ports, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in ports.Objects())
        {
            var at = $"{path}.ports[{index++}]";
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
            var number = port["containerPort"].AsLong();
            if (number is null or 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else
            {
                Ports.Check(port["containerPort"], $"{at}.containerPort", errors);
            }
            if (port["hostPort"].AsLong() is not (null or 0))
            {
                Ports.Check(port["hostPort"], $"{at}.hostPort", errors);
            }
            PodValidation.Choice(port, "protocol", at, ["SCTP", "TCP", "UDP"], errors, required: true);
        }
    }
}
