using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What pods get from service accounts, priority classes and runtime classes.</summary>
internal sealed class PodAdmission(ClusterStore cluster, bool tokenVolumes)
{
    private const string Scheduling = "scheduling.k8s.io";

    public void Mutate(ApiResource row, string @namespace, JsonObject tree)
    {
        var spec = tree.Need("spec");
        Account(row, @namespace, tree, spec);
        Priority(row, tree, spec);
        Runtime(row, tree, spec);
    }

    /// <summary>A pod's priority, and what it tolerates as every pod does.</summary>
    public static void Keep(JsonObject tree, JsonObject old)
    {
        if (tree.Child("spec") is not { } spec || old.Child("spec") is not { } before)
        {
            return;
        }
        foreach (var field in (string[])["priority", "preemptionPolicy"])
        {
            if (spec[field] is null && before[field] is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }
        PodStrategy.TolerateShortOutages(spec);
    }

    private void Account(ApiResource row, string @namespace, JsonObject tree, JsonObject spec)
    {
        if (spec.Text("serviceAccountName") is null or "")
        {
            spec["serviceAccountName"] = "default";
        }
        var name = spec.Text("serviceAccountName")!;
        spec["serviceAccount"] = name;
        if (AdmissionPlugins.All(cluster, "", "serviceaccounts").Get(@namespace, name) is not { } stored)
        {
            // A namespace's default account may still be on its way, and where nobody makes it pods shall do without.
            if (name == "default")
            {
                return;
            }
            throw AdmissionPlugins.Forbidden(row, tree, $"error looking up service account {@namespace}/{name}: serviceaccount \"{name}\" not found");
        }
        if (spec.List("imagePullSecrets") is not { Count: > 0 } && stored.ToTree()["imagePullSecrets"] is JsonArray { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }
        if (tokenVolumes)
        {
            TokenVolumes.Add(spec, stored.ToTree());
        }
    }

    private void Priority(ApiResource row, JsonObject tree, JsonObject spec)
    {
        var name = spec.Text("priorityClassName") ?? "";
        var classes = AdmissionPlugins.All(cluster, Scheduling, "priorityclasses");
        var found = name.Length > 0 ? classes.Get("", name)?.ToTree() : null;
        if (name.Length > 0 && found is null)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"no PriorityClass with name {name} was found");
        }
        if (found is null && classes.Count > 0)
        {
            found = classes.Enumerate(null).Select(c => c.ToTree()).Where(c => c["globalDefault"].AsBool() == true).OrderBy(c => c["value"].AsLong()).FirstOrDefault();
            if (found is not null)
            {
                spec["priorityClassName"] = found.Metadata().Text("name");
            }
        }
        var value = found?["value"].AsLong() ?? 0;
        if (spec["priority"].AsLong() is { } given && given != value)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name");
        }
        spec["priority"] = value;
        var preemption = found?.Text("preemptionPolicy") ?? "PreemptLowerPriority";
        if (spec.Text("preemptionPolicy") is { } own && own != preemption)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"the string value of PreemptionPolicy ({own}) must not be provided in pod spec; priority admission controller computed {preemption} from the given PriorityClass name");
        }
        spec["preemptionPolicy"] = preemption;
    }

    private void Runtime(ApiResource row, JsonObject tree, JsonObject spec)
    {
        if (spec.Text("runtimeClassName") is not { Length: > 0 } name)
        {
            if (spec["overhead"] is JsonObject)
            {
                throw AdmissionPlugins.Forbidden(row, tree, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
            }
            return;
        }
        if (AdmissionPlugins.All(cluster, "node.k8s.io", "runtimeclasses").Get("", name)?.ToTree() is not { } found)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"pod rejected: RuntimeClass \"{name}\" not found");
        }
        if (found.At("overhead", "podFixed") is { } overhead)
        {
            if (spec["overhead"] is { } own && !JsonNode.DeepEquals(own, overhead))
            {
                throw AdmissionPlugins.Forbidden(row, tree, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
            spec["overhead"] = overhead.DeepClone();
        }
    }

    /// <summary>There is one default priority at most.</summary>
    public void CheckPriorityClass(ApiResource row, JsonObject tree)
    {
        if (tree["globalDefault"].AsBool() != true)
        {
            return;
        }
        var name = tree.Metadata().Text("name");
        if (AdmissionPlugins.All(cluster, Scheduling, "priorityclasses").Enumerate(null).FirstOrDefault(c => c.Name != name && c.ToTree()["globalDefault"].AsBool() == true) is { } other)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"PriorityClass {other.Name} is already marked as default. Only one default can exist");
        }
    }
}
