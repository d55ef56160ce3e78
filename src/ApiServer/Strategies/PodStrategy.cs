using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Pods: start Pending, keep their spec but for a few fields, go gracefully.</summary>
internal sealed class PodStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => old is not null && JsonNode.DeepEquals(tree["spec"], old["spec"])
        ? []
        : [.. old is null ? PodWarnings.OfName(tree, "the Pod's hostname") : [], .. PodWarnings.Of(tree)];

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        PodTemplateDefaults.PodSpec(spec);
        PodTemplateDefaults.OnlyPods(spec);
        // User namespaces are not switched on, and what asks for them is passed over.
        spec.Remove("hostUsers");
        if (tree.Child("status") is { } status)
        {
            JoinAddresses(status);
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        var spec = tree.Need("spec");
        tree["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService(spec) };
        if (spec["terminationGracePeriodSeconds"].AsLong() is < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1;
        }
        if (spec["schedulingGates"] is JsonArray { Count: > 0 })
        {
            tree["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = tree.Metadata().Text("creationTimestamp"),
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }
        spec.Default("serviceAccountName", "default");
        spec["serviceAccount"] = spec.Text("serviceAccountName");
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        spec.Default("priority", 0);
        TolerateShortOutages(spec);
    }

    /// <summary>Pods stay five minutes on a node that is lost, unless they say otherwise.</summary>
    public static void TolerateShortOutages(JsonObject spec)
    {
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

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
        tree.Need("status").Default("qosClass", old.TextAt("status", "qosClass") ?? "BestEffort");
        var (meta, oldMeta) = (tree.Metadata(), old.Metadata());
        meta.Remove("ownerReferences");
        if (oldMeta["ownerReferences"] is { } owners)
        {
            meta["ownerReferences"] = owners.DeepClone();
        }
    }

    /// <summary>The one address and the list of them say the same: the list leads, unless it does not begin with the one.</summary>
    private static void JoinAddresses(JsonObject status)
    {
        if (status.Text("podIP") is { Length: > 0 } address && status.List("podIPs")?.Objects().FirstOrDefault()?.Text("ip") != address)
        {
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }
        if (status.List("podIPs")?.Objects().FirstOrDefault()?.Text("ip") is { Length: > 0 } first)
        {
            status["podIP"] = first;
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var condition in (tree.At("status", "conditions") as JsonArray).Objects())
        {
            if (condition.Text("type") is not ("PodScheduled" or "Ready" or "Initialized") and var type)
            {
                PodValidation.Qualified(type ?? "", $"status.conditions[{index}].Type", errors);
            }
            index++;
        }
        PodValidation.Name(tree.TextAt("status", "nominatedNodeName") is { Length: > 0 } nominated ? nominated : null, NameRule.Subdomain, "status.nominatedNodeName", errors);
        CheckAddresses(tree, "podIPs", "PodIP", errors);
        if ((tree.At("status", "hostIPs") as JsonArray)?.Objects().FirstOrDefault() is { } host && (host.Text("ip") ?? "") != (tree.TextAt("status", "hostIP") ?? ""))
        {
            errors.Invalid("status.hostIPs[0].ip", host.Text("ip"), "must be equal to `hostIP`");
        }
        CheckAddresses(tree, "hostIPs", "HostIP", errors);
        if (tree.TextAt("status", "qosClass") != old.TextAt("status", "qosClass"))
        {
            errors.Invalid("status.qosClass", tree.TextAt("status", "qosClass"), "field is immutable");
        }
    }

    private static void CheckAddresses(JsonObject tree, string list, string type, FieldErrors errors)
    {
        var addresses = (tree.At("status", list) as JsonArray).Objects().Select(a => a.Text("ip") ?? "").ToList();
        for (var i = 0; i < addresses.Count; i++)
        {
            Addresses.Check(addresses[i], $"status.{list}[{i}]", errors);
        }
        var families = addresses.Count(a => a.Contains(':', StringComparison.Ordinal));
        if (addresses.Count > 2 || (addresses.Count == 2 && families != 1))
        {
            var shown = string.Join(", ", addresses.Select(a => $"core.{type}{{IP:{FieldErrors.Quote(a)}}}"));
            errors.Add("FieldValueInvalid", $"status.{list}", $"Invalid value: []core.{type}{{{shown}}}: may specify no more than one IP for each IP family");
        }
        for (var i = 1; i < addresses.Count; i++)
        {
            if (addresses.IndexOf(addresses[i]) < i)
            {
                errors.Duplicate($"status.{list}[{i}]", addresses[i]);
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.Child("spec") is { } spec)
        {
            PodValidation.Spec(spec, "spec", errors, isPod: true);
            PodValidation.OnlyPods(spec, errors);
            if (spec.List("ephemeralContainers") is { Count: > 0 })
            {
                errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
            }
            if (!string.IsNullOrEmpty(spec.Text("nodeName")) && spec.List("schedulingGates") is { Count: > 0 })
            {
                errors.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var (spec, oldSpec) = (tree.Child("spec") ?? [], old.Child("spec") ?? []);
        PodValidation.Spec(spec, "spec", errors, isPod: true);
        PodValidation.OnlyPods(spec, errors);
        foreach (var list in (string[])["containers", "initContainers"])
        {
            if ((spec.List(list)?.Count ?? 0) != (oldSpec.List(list)?.Count ?? 0))
            {
                errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
                return;
            }
            var index = 0;
            foreach (var container in spec.List(list).Objects())
            {
                if (string.IsNullOrEmpty(container.Text("image")))
                {
                    errors.Required($"spec.{list}[{index}].image");
                }
                else if (container.Text("image")!.Trim().Length != container.Text("image")!.Length)
                {
                    errors.Invalid($"spec.{list}[{index}].image", container.Text("image"), "must not have leading or trailing whitespace");
                }
                index++;
            }
        }
        if (spec["activeDeadlineSeconds"].AsLong() is { } deadline)
        {
            if (deadline is < 0 or > int.MaxValue)
            {
                errors.Invalid("spec.activeDeadlineSeconds", deadline, "must be between 0 and 2147483647, inclusive");
                return;
            }
            if (oldSpec["activeDeadlineSeconds"].AsLong() < deadline)
            {
                errors.Invalid("spec.activeDeadlineSeconds", deadline, "must be less than or equal to previous value");
                return;
            }
        }
        else if (oldSpec["activeDeadlineSeconds"] is not null)
        {
            errors.Invalid("spec.activeDeadlineSeconds", null, "must not update from a positive integer to nil value");
        }
        Tolerations(spec, oldSpec, errors);
        Gates(spec, oldSpec, errors);
        var (now, before) = (Fixed(tree), Fixed(old));
        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n" +
                string.Concat(Differences(now, before)));
        }
    }

    /// <summary>Tolerations can be added, and last longer or shorter.</summary>
    private static void Tolerations(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        JsonObject Timeless(JsonObject toleration)
        {
            var copy = toleration.Copy();
            copy.Remove("tolerationSeconds");
            return copy;
        }
        var now = spec.List("tolerations").Objects().Select(Timeless).ToList();
        if (old.List("tolerations").Objects().Any(before => !now.Exists(n => JsonNode.DeepEquals(n, Timeless(before)))))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
            return;
        }
        PodValidation.Tolerations(spec.List("tolerations"), "spec.tolerations", errors);
    }

    /// <summary>Gates can be opened, none can be put up.</summary>
    private static void Gates(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        var before = old.List("schedulingGates").Objects().Select(g => g.Text("name")).ToList();
        var index = 0;
        foreach (var gate in spec.List("schedulingGates").Objects())
        {
            if (!before.Contains(gate.Text("name")))
            {
                errors.Forbidden($"spec.schedulingGates[{index}].name", $"only deletion is allowed, but found new scheduling gate '{gate.Text("name")}'");
            }
            index++;
        }
    }

    /// <summary>Ephemeral containers can be added while a pod lives; everything else stays as it is.</summary>
    public override void PrepareForSubresource(string subresource, JsonObject tree, JsonObject old)
    {
        var added = tree.At("spec", "ephemeralContainers")?.DeepClone();
        var kept = old.Copy();
        foreach (var key in tree.Select(p => p.Key).Except(["metadata"]).ToArray())
        {
            tree.Remove(key);
        }
        foreach (var (key, value) in kept.Where(p => p.Key != "metadata").ToArray())
        {
            kept.Remove(key);
            tree[key] = value;
        }
        var metadata = kept.Metadata();
        kept.Remove("metadata");
        if (tree.Metadata()["managedFields"] is { } managed)
        {
            metadata["managedFields"] = managed.DeepClone();
        }
        tree["metadata"] = metadata;
        if (added is JsonArray { Count: > 0 })
        {
            tree.Need("spec")["ephemeralContainers"] = added;
        }
        else
        {
            tree.Need("spec").Remove("ephemeralContainers");
        }
    }

    public override void ValidateSubresource(string subresource, JsonObject tree, JsonObject old, FieldErrors errors)
    {
        PodValidation.Spec(tree.Need("spec"), "spec", errors, isPod: true);
        var now = (tree.At("spec", "ephemeralContainers") as JsonArray).Objects().ToList();
        foreach (var before in (old.At("spec", "ephemeralContainers") as JsonArray).Objects())
        {
            var same = now.Find(c => c.Text("name") == before.Text("name"));
            if (same is null)
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{before.Text("name")}\" may not be removed\n");
            }
            else if (!JsonNode.DeepEquals(same, before))
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{before.Text("name")}\" may not be changed\n");
            }
        }
    }

    public override long? GracePeriod(JsonObject tree, long? asked)
    {
        if (string.IsNullOrEmpty(tree.TextAt("spec", "nodeName")) || tree.TextAt("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }
        // Less than nothing means as little as there is.
        return (asked ?? tree.LongAt("spec", "terminationGracePeriodSeconds") ?? 30) is var seconds && seconds < 0 ? 1 : seconds;
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
