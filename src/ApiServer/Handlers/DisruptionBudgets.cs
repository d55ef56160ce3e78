using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Whether a pod may be evicted: its disruption budget has something left, which an eviction spends.</summary>
internal static class DisruptionBudgets
{
    private const string Refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

    /// <exception cref="ApiException">404: no such pod; 429: the budget is used up; 500: several budgets mean the pod.</exception>
    public static void Spend(ObjectService objects, ApiResource pods, string @namespace, string name, bool dryRun)
    {
        var pod = pods.Store.Current.Get(@namespace, name) ?? throw Errors.NotFound(pods.GroupResource, name);
        // What does not run, or is going already, disturbs nobody.
        if (pod.Terminating || pod.Field("status.phase") is "Pending" or "Succeeded" or "Failed")
        {
            return;
        }
        var row = objects.Table.Current.Find("policy", "v1", "poddisruptionbudgets")!;
        var budgets = row.Store.Current.Enumerate(@namespace).Where(b => Means(b.ToTree(), pod)).ToList();
        if (budgets.Count > 1)
        {
            throw Errors.Unforeseen("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }
        if (budgets.Count == 0)
        {
            return;
        }
        if (MayGoUnhealthy(pod.ToTree(), budgets[0].ToTree()))
        {
            return;
        }
        Check(budgets[0].ToTree());
        if (!dryRun)
        {
            objects.Rewrite(row, @namespace, budgets[0].Name, budget =>
            {
                Check(budget);
                var before = budget.Copy();
                var status = budget.Need("status");
                status["disruptionsAllowed"] = (status["disruptionsAllowed"].AsLong() ?? 0) - 1;
                status.Need("disruptedPods")[name] = MetadataRules.Timestamp(objects.Time.GetUtcNow());
                if (status["disruptionsAllowed"].AsLong() == 0)
                {
                    UsedUp(budget, status, MetadataRules.Timestamp(objects.Time.GetUtcNow()));
                }
                objects.FieldManagement.Updated(row, budget, before, WriteContext.Internal("kube-apiserver"), "status");
            });
        }
    }

    /// <summary>A pod that serves nobody may go for nothing: always, where its budget says so, else while enough others are healthy.</summary>
    private static bool MayGoUnhealthy(JsonObject pod, JsonObject budget)
    {
        if ((pod.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"))
        {
            return false;
        }
        return budget.TextAt("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"
            || (budget.LongAt("status", "desiredHealthy") is > 0 and var desired && budget.LongAt("status", "currentHealthy") >= desired && budget.LongAt("status", "observedGeneration") == budget.LongAt("metadata", "generation"));
    }

    /// <summary>Says in a pod's status that it is being evicted.</summary>
    public static void Mark(ObjectService objects, ApiResource pods, string @namespace, string name) => objects.Rewrite(pods, @namespace, name, pod =>
    {
        var before = pod.Copy();
        var status = pod.Need("status");
        var condition = new JsonObject
        {
            ["type"] = "DisruptionTarget", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = MetadataRules.Timestamp(objects.Time.GetUtcNow()), ["reason"] = "EvictionByEvictionAPI",
            ["message"] = "Eviction API: evicting",
        };
        status["conditions"] = new JsonArray([.. status.List("conditions").Objects().Where(c => c.Text("type") != "DisruptionTarget").Select(c => c.DeepClone()), condition]);
        objects.FieldManagement.Updated(pods, pod, before, WriteContext.Internal("kube-apiserver"), "status");
    });

    private static void UsedUp(JsonObject budget, JsonObject status, string now)
    {
        var condition = status.List("conditions").Objects().FirstOrDefault(c => c.Text("type") == "DisruptionAllowed");
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = "DisruptionAllowed" };
            status["conditions"] = new JsonArray([.. status.List("conditions").Objects().Select(c => c.DeepClone()), condition]);
        }
        if (condition.Text("status") != "False")
        {
            condition["lastTransitionTime"] = now;
        }
        condition["status"] = "False";
        condition["observedGeneration"] = status["observedGeneration"].AsLong() ?? budget.Metadata()["generation"].AsLong() ?? 0;
        condition["reason"] = "InsufficientPods";
        condition["message"] = "";
    }

    private static void Check(JsonObject budget)
    {
        var name = budget.Metadata().Text("name");
        if ((budget.LongAt("status", "observedGeneration") ?? 0) < (budget.Metadata()["generation"].AsLong() ?? 0))
        {
            throw TooMany($"The disruption budget {name} is still being processed by the server.", 10);
        }
        if ((budget.LongAt("status", "disruptionsAllowed") ?? 0) <= 0)
        {
            throw TooMany($"The disruption budget {name} needs {budget.LongAt("status", "desiredHealthy") ?? 0} healthy pods and has {budget.LongAt("status", "currentHealthy") ?? 0} currently", 0);
        }
    }

    private static ApiException TooMany(string cause, int retryAfter) => Errors.Of(429, "TooManyRequests", Refusal,
        Errors.Details(null, null, null, [Errors.Cause("DisruptionBudget", cause, "")], retryAfter), retryAfter);

    private static bool Means(JsonObject budget, StoredObject pod) => budget.At("spec", "selector") is JsonObject selector
        && (selector.Count == 0 || LabelSelector.From(KubeJson.Deserialize<V1LabelSelector>(Json.Bytes(selector))).Matches(pod.Labels));
}
