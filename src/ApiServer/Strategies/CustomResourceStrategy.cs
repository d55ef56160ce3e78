using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Custom objects: what their definition's schema says.</summary>
internal sealed class CustomResourceStrategy(CustomResource definition, bool hasStatus) : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override void Default(JsonObject tree)
    {
        if (definition.Schema is { } schema)
        {
            Structural.Default(tree, schema);
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        if (hasStatus)
        {
            tree.Remove("status");
        }
    }

    /// <summary>Everything but metadata, and status where it has its own subresource, counts as asked for.</summary>
    public override bool SpecChanged(JsonObject tree, JsonObject old)
    {
        foreach (var key in tree.Select(p => p.Key).Union(old.Select(p => p.Key)))
        {
            if (key is "metadata" or "apiVersion" or "kind" || (hasStatus && key == "status"))
            {
                continue;
            }
            if (tree.ContainsKey(key) != old.ContainsKey(key) || !JsonNode.DeepEquals(tree[key], old[key]))
            {
                return true;
            }
        }
        return false;
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (definition.Schema is { } schema)
        {
            SchemaValidator.Validate(tree, schema, errors);
            Scale(tree, errors);
            EmbeddedResources.Validate(tree, schema, "", errors);
            ListTypeRules.Check(tree, schema, "", errors);
            Rules(tree, null, schema, errors);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (definition.Schema is { } schema)
        {
            SchemaValidator.Validate(tree, schema, errors, old);
            Scale(tree, errors);
            EmbeddedResources.Validate(tree, schema, "", errors);
            Lists(tree, old, schema, errors);
            Rules(tree, old, schema, errors);
        }
    }

    /// <summary>Of a status only the status is held to its schema; rules are asked everywhere.</summary>
    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (definition.Schema is { } schema)
        {
            if (tree.TryGetPropertyValue("status", out var status) && schema.Properties.TryGetValue("status", out var field))
            {
                SchemaValidator.ValidateValue(status, field, "status", errors, old["status"]);
            }
            if (definition.Scale is { } scale)
            {
                Replicas(tree, scale.StatusReplicas, errors);
            }
            Lists(tree, old, schema, errors);
            Rules(tree, old, schema, errors);
        }
    }

    private void Scale(JsonObject tree, FieldErrors errors)
    {
        if (definition.Scale is { } scale)
        {
            Replicas(tree, scale.SpecReplicas, errors);
            Replicas(tree, scale.StatusReplicas, errors);
        }
    }

    private static void Replicas(JsonObject tree, string[] path, FieldErrors errors)
    {
        var field = "." + string.Join('.', path);
        if (tree.At(path).AsLong() is { } replicas and (< 0 or > int.MaxValue))
        {
            errors.Invalid(field, replicas, replicas < 0 ? "should be a non-negative integer" : $"should be less than or equal to {int.MaxValue}");
        }
    }

    /// <summary>What was there twice may stay.</summary>
    private static void Lists(JsonObject tree, JsonObject old, Schema schema, FieldErrors errors)
    {
        var found = new FieldErrors { ShowsGoValues = true };
        ListTypeRules.Check(tree, schema, "", found);
        if (found.Any)
        {
            var before = new FieldErrors();
            ListTypeRules.Check(old, schema, "", before);
            if (!before.Any)
            {
                errors.AddAll(found);
            }
        }
    }

    private static void Rules(JsonObject tree, JsonObject? old, Schema schema, FieldErrors errors)
    {
        if (!schema.HasRulesBelow)
        {
            return;
        }
        if (errors.BlockRules)
        {
            errors.Invalid("", null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");
            return;
        }
        CelRules.Check(tree, old, schema, "", errors);
    }

    /// <summary>Names of finalizers are for everybody: those that say whose they are cannot clash.</summary>
    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old)
    {
        var before = old?.Metadata().List("finalizers").Texts().ToList() ?? [];
        return tree.Metadata().List("finalizers").Texts().Except(before)
            .Where(f => !f.Contains('/', StringComparison.Ordinal) && f is not ("orphan" or "foregroundDeletion" or "kubernetes")).Order(StringComparer.Ordinal)
            .Select(f => $"metadata.finalizers: {FieldErrors.Quote(f)}: prefer a domain-qualified finalizer name {(f.Contains('.', StringComparison.Ordinal) ? "including a path (/) " : "")}to avoid accidental conflicts with other finalizer writers");
    }
}
