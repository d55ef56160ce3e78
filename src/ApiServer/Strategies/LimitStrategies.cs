using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

internal sealed class LimitRangeStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 0);

    public override bool CreatesOnUpdate => true;

    /// <summary>A limit range without a name gets one.</summary>
    public override void PrepareForCreate(JsonObject tree)
    {
        if (string.IsNullOrEmpty(tree.Metadata().Text("name")))
        {
            tree.Metadata()["name"] = Guid.NewGuid().ToString();
        }
    }

    private static readonly string[] Fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    public override void Default(JsonObject tree)
    {
        foreach (var limit in (tree.Need("spec").List("limits")).Objects().Where(l => l.Text("type") == "Container"))
        {
            // What may be used at most is used by default; what is used by default is asked for by default.
            Fill(limit, "default", limit.Child("max"));
            Fill(limit, "defaultRequest", limit.Child("default"));
            Fill(limit, "defaultRequest", limit.Child("min"));
        }
    }

    private static void Fill(JsonObject limit, string field, JsonObject? from)
    {
        foreach (var (name, value) in from ?? [])
        {
            limit.Need(field).Default(name, value!.DeepClone());
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var limit in (tree.At("spec", "limits") as JsonArray).Objects())
        {
            var at = $"spec.limits[{index++}]";
            var type = limit.Text("type") ?? "";
            if (type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
            {
                LimitType(type, $"{at}.type", errors);
            }
            if (!types.Add(type))
            {
                errors.Duplicate($"{at}.type", type);
            }
            if (type == "Pod")
            {
                foreach (var field in (string[])["default", "defaultRequest"])
                {
                    if (limit.Child(field) is { Count: > 0 })
                    {
                        errors.Forbidden($"{at}.{field}", "may not be specified when `type` is 'Pod'");
                    }
                }
            }
            foreach (var field in Fields.Where(f => type != "Pod" || f is not ("default" or "defaultRequest")))
            {
                foreach (var (name, _) in limit.Child(field) ?? [])
                {
                    if (type is "Pod" or "Container")
                    {
                        ResourceValidation.ContainerName(name, $"{at}.{field}[{name}]", errors);
                    }
                    else
                    {
                        ResourceValidation.BaseName(name, $"{at}.{field}[{name}]", errors);
                    }
                }
            }
            if (type == "PersistentVolumeClaim" && limit.At("min", "storage") is null && limit.At("max", "storage") is null)
            {
                errors.Required($"{at}.limits", "either minimum or maximum storage value is required, but neither was provided");
            }
            foreach (var name in Fields.SelectMany(f => limit.Child(f)?.Select(p => p.Key) ?? []).Distinct(StringComparer.Ordinal))
            {
                Order(limit, name, at, errors);
            }
        }
    }

    private static void LimitType(string type, string at, FieldErrors errors)
    {
        var problems = ActorKube.Models.NameRules.CheckQualifiedName(type);
        foreach (var problem in problems)
        {
            errors.Invalid(at, type, problem);
        }
        if (problems.Count == 0 && !type.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid(at, type, "must be a standard limit type or fully qualified");
        }
    }

    private static void Order(JsonObject limit, string name, string at, FieldErrors errors)
    {
        decimal? Of(string field) => limit.Child(field)?[name] is { } value && ResourceQuantity.TryParse(value.ToString(), out var quantity) ? quantity.ToDecimal() : null;
        // Which of two is wrong, which value is shown, and how the two are called: as Kubernetes has it.
        foreach (var (low, high, field, shown, words) in ((string, string, string, string, string)[])
            [
                ("min", "max", "min", "min", "min value {0} is greater than max value {1}"), ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min value {0} is greater than default request value {1}"),
                ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value {0} is greater than max value {1}"),
                ("defaultRequest", "default", "defaultRequest", "defaultRequest", "default request value {0} is greater than default limit value {1}"),
                ("min", "default", "default", "min", "min value {0} is greater than default value {1}"), ("default", "max", "default", "max", "default value {0} is greater than max value {1}"),
            ])
        {
            if (Of(low) is { } small && Of(high) is { } large && small > large)
            {
                errors.InvalidShown($"{at}.{field}[{name}]", GoValues.Quantity(limit.Child(shown)![name]),
                    string.Format(System.Globalization.CultureInfo.InvariantCulture, words, limit.Child(low)![name], limit.Child(high)![name]));
            }
        }
        if (Of("maxLimitRequestRatio") is < 1)
        {
            errors.InvalidShown($"{at}.maxLimitRequestRatio[{name}]", GoValues.Quantity(limit.Child("maxLimitRequestRatio")![name]), $"ratio {limit.Child("maxLimitRequestRatio")![name]} is less than 1");
        }
        if (Of("maxLimitRequestRatio") is { } ratio && Of("min") is > 0 and { } least && Of("max") is { } most && ratio > most / least)
        {
            errors.InvalidShown($"{at}.maxLimitRequestRatio[{name}]", GoValues.Quantity(limit.Child("maxLimitRequestRatio")![name]),
                $"ratio {limit.Child("maxLimitRequestRatio")![name]} is greater than max/min = {(most / least).ToString("0.000000", System.Globalization.CultureInfo.InvariantCulture)}");
        }
    }
}

internal sealed class ResourceQuotaStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        foreach (var (name, value) in tree.At("spec", "hard") as JsonObject ?? [])
        {
            var at = $"spec.hard[{name}]";
            ResourceValidation.QuotaName(name, at, errors);
            ResourceValidation.Amount(name, value, at, errors);
        }
        var scopes = (tree.At("spec", "scopes") as JsonArray).Texts().ToList();
        foreach (var scope in scopes.Where(s => Array.IndexOf(Scopes, s) < 0))
        {
            errors.InvalidShown("spec.scopes", GoValues.Texts("[]core.ResourceQuotaScope", tree.At("spec", "scopes")), "unsupported scope");
        }
        foreach (var (one, other) in ((string, string)[])[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.InvalidShown("spec.scopes", GoValues.Texts("[]core.ResourceQuotaScope", tree.At("spec", "scopes")), "conflicting scopes");
            }
        }
    }

    private static readonly string[] Scopes = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        static HashSet<string> Of(JsonObject quota) => (quota.At("spec", "scopes") as JsonArray).Texts().ToHashSet(StringComparer.Ordinal);
        if (!Of(tree).SetEquals(Of(old)))
        {
            errors.InvalidShown("spec.scopes", GoValues.Texts("[]core.ResourceQuotaScope", tree.At("spec", "scopes")), "field is immutable");
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        foreach (var list in (string[])["hard", "used"])
        {
            foreach (var (name, value) in tree.At("status", list) as JsonObject ?? [])
            {
                ResourceValidation.QuotaName(name, $"status.{list}[{name}]", errors);
                ResourceValidation.Amount(name, value, $"status.{list}[{name}]", errors);
            }
        }
    }
}
