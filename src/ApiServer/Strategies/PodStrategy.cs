using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Pods: start Pending, keep their spec but for a few fields, go gracefully.</summary>
internal sealed class PodStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        PodTemplateDefaults.PodSpec(spec);
        spec.Default("enableServiceLinks", true);
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService(tree.Need("spec")) };
        var spec = tree.Need("spec");
        spec.Default("serviceAccountName", "default");
        spec["serviceAccount"] = spec.Text("serviceAccountName");
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        spec.Default("priority", 0);
        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }
        foreach (var taint in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.Objects().Any(t => t.Text("key") == taint))
            {
                tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old) => tree.Need("status").Default("qosClass", old.TextAt("status", "qosClass") ?? "BestEffort");

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.Child("spec") is { } spec)
        {
            PodValidation.Spec(spec, "spec", errors);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        var counts = false;
        foreach (var list in (string[])["containers", "initContainers"])
        {
            if ((tree.At("spec", list) as JsonArray)?.Count != (old.At("spec", list) as JsonArray)?.Count)
            {
                errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
                counts = true;
            }
        }
        if (counts)
        {
            return;
        }
        var (now, before) = (Fixed(tree), Fixed(old));
        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n" +
                string.Concat(Differences(now, before)));
        }
    }

    public override long? GracePeriod(JsonObject tree, long? asked)
    {
        if (string.IsNullOrEmpty(tree.TextAt("spec", "nodeName")) || tree.TextAt("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }
        return Math.Max(0, asked ?? tree.LongAt("spec", "terminationGracePeriodSeconds") ?? 30);
    }

    /// <summary>The spec without what may change.</summary>
    private static JsonObject Fixed(JsonObject pod)
    {
        var spec = pod.Need("spec").Copy();
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in spec.List(list).Objects())
            {
                container.Remove("image");
            }
        }
        spec.Remove("activeDeadlineSeconds");
        spec.Remove("tolerations");
        spec.Remove("schedulingGates");
        spec.Remove("ephemeralContainers");
        return spec;
    }

    private static IEnumerable<string> Differences(JsonObject now, JsonObject before) =>
        now.Select(p => p.Key).Union(before.Select(p => p.Key)).Where(key => !JsonNode.DeepEquals(now[key], before[key])).Order(StringComparer.Ordinal)
            .Select(key => $"-\u00a0\t{key}: {FieldErrors.Show(before[key])},\n+\u00a0\t{key}: {FieldErrors.Show(now[key])},\n");

    private static string QualityOfService(JsonObject spec)
    {
        var containers = spec.List("containers").Objects().Concat(spec.List("initContainers").Objects()).ToList();
        var any = false;
        var guaranteed = containers.Count > 0;
        foreach (var container in containers)
        {
            var limits = container.Child("resources")?.Child("limits");
            var requests = container.Child("resources")?.Child("requests");
            any |= limits is { Count: > 0 } || requests is { Count: > 0 };
            foreach (var resource in (string[])["cpu", "memory"])
            {
                guaranteed &= limits?[resource] is { } limit && (requests?[resource] is not { } request || request.ToString() == limit.ToString());
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }
}

/// <summary>What must hold for every pod spec and template.</summary>
internal static class PodValidation
{
    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        var containers = spec.List("containers");
        if (containers is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        Containers(spec.List("initContainers"), $"{path}.initContainers", names, errors);
        Containers(containers, $"{path}.containers", names, errors);
        if (spec.Text("restartPolicy") is { Length: > 0 } policy and not ("Always" or "OnFailure" or "Never"))
        {
            errors.NotSupported($"{path}.restartPolicy", policy, ["Always", "OnFailure", "Never"]);
        }
        if (spec.Text("dnsPolicy") is { } dns && dns is not ("ClusterFirst" or "ClusterFirstWithHostNet" or "Default" or "None"))
        {
            errors.NotSupported($"{path}.dnsPolicy", dns, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
        }
        if (spec["terminationGracePeriodSeconds"].AsLong() is < 0 and var grace)
        {
            errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0");
        }
    }

    private static void Containers(JsonArray? containers, string path, HashSet<string> names, FieldErrors errors)
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
                foreach (var problem in NameValidation.Problems(NameRule.Label, name))
                {
                    errors.Invalid($"{at}.name", name, problem);
                }
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
            if (container.Text("imagePullPolicy") is { Length: > 0 } pull and not ("Always" or "IfNotPresent" or "Never"))
            {
                errors.NotSupported($"{at}.imagePullPolicy", pull, ["Always", "IfNotPresent", "Never"]);
            }
            var port = 0;
            foreach (var entry in container.List("ports").Objects())
            {
                var number = entry["containerPort"].AsLong();
                if (number is null or 0)
                {
                    errors.Required($"{at}.ports[{port}].containerPort");
                }
                else if (number is < 1 or > 65535)
                {
                    errors.Invalid($"{at}.ports[{port}].containerPort", number, "must be between 1 and 65535, inclusive");
                }
                port++;
            }
            var variable = 0;
            foreach (var entry in container.List("env").Objects())
            {
                if (string.IsNullOrEmpty(entry.Text("name")))
                {
                    errors.Required($"{at}.env[{variable}].name");
                }
                variable++;
            }
        }
    }
}
