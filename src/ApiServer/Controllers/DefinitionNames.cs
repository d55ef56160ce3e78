using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Gives a definition the names that it asks for, one by one, as far as no other of its group has them.</summary>
internal static class DefinitionNames
{
    /// <summary>Settles accepted names and the conditions that follow from them.</summary>
    /// <param name="definition">The definition, whose status is changed.</param>
    /// <param name="others">The other definitions of its group.</param>
    /// <param name="now">The time of conditions that change.</param>
    public static void Settle(JsonObject definition, IEnumerable<JsonObject> others, string now)
    {
        var asked = definition.Need("spec").Need("names");
        var accepted = definition.Need("status").Need("acceptedNames");
        var (resources, kinds) = Taken(others);
        (string Reason, string Message)? conflict = null;
        void Take(string field, string reason, HashSet<string> taken)
        {
            var wanted = asked.Text(field) ?? "";
            if (wanted != (accepted.Text(field) ?? "") && taken.Contains(wanted))
            {
                conflict = (reason, $"{FieldErrors.Quote(wanted)} is already in use");
            }
            else if (wanted.Length > 0)
            {
                accepted[field] = wanted;
            }
        }
        Take("plural", "PluralConflict", resources);
        Take("singular", "SingularConflict", resources);
        if (!JsonNode.DeepEquals(asked["shortNames"], accepted["shortNames"]))
        {
            var had = accepted.List("shortNames").Texts().ToHashSet(StringComparer.Ordinal);
            var inUse = asked.List("shortNames").Texts().Where(n => !had.Contains(n) && resources.Contains(n)).ToList();
            if (inUse.Count > 0)
            {
                var texts = inUse.Select(n => $"{FieldErrors.Quote(n)} is already in use").ToList();
                conflict = ("ShortNamesConflict", texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]");
            }
            else
            {
                Copy(asked, accepted, "shortNames");
            }
        }
        Take("kind", "KindConflict", kinds);
        Take("listKind", "ListKindConflict", kinds);
        Copy(asked, accepted, "categories");
        DefinitionConditions.Set(definition, conflict is { } found
            ? DefinitionConditions.Of("NamesAccepted", "False", found.Reason, found.Message, now)
            : DefinitionConditions.Of("NamesAccepted", "True", "NoConflicts", "no conflicts found", now));
        if (!DefinitionConditions.Holds(definition, "Established"))
        {
            DefinitionConditions.Set(definition, conflict is null
                ? DefinitionConditions.Of("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now)
                : DefinitionConditions.Of("Established", "False", "NotAccepted", "not all names are accepted", now));
        }
        Approve(definition, now);
    }

    private static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }

    private static (HashSet<string> Resources, HashSet<string> Kinds) Taken(IEnumerable<JsonObject> others)
    {
        var (resources, kinds) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var names in others.Select(o => o.At("status", "acceptedNames")).OfType<JsonObject>())
        {
            resources.UnionWith([names.Text("plural") ?? "", names.Text("singular") ?? "", .. names.List("shortNames").Texts()]);
            kinds.UnionWith([names.Text("kind") ?? "", names.Text("listKind") ?? ""]);
        }
        return (resources, kinds);
    }

    /// <summary>Definitions in groups of Kubernetes' community say whether they were approved.</summary>
    private static void Approve(JsonObject definition, string now)
    {
        if (!CustomResourceDefinitionValidation.IsProtected(definition.TextAt("spec", "group") ?? ""))
        {
            return;
        }
        var (state, why) = CustomResourceDefinitionValidation.ApprovalOf(definition);
        var (status, reason) = state switch
        {
            "approved" => ("True", "ApprovedAnnotation"),
            "bypassed" => ("False", "UnapprovedAnnotation"),
            "invalid" => ("False", "InvalidAnnotation"),
            _ => ("False", "MissingAnnotation"),
        };
        DefinitionConditions.Set(definition, DefinitionConditions.Of("KubernetesAPIApprovalPolicyConformant", status, reason, why, now));
    }
}
