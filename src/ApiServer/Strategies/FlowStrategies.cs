using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Which requests wait where: stored and checked; requests to this server do not wait.</summary>
internal sealed class FlowSchemaStrategy(TimeProvider time) : ResourceStrategy
{
    private const int HighestPrecedence = 10_000;

    /// <summary>Hears of every committed change.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(type, value);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec["matchingPrecedence"].AsLong() is null or 0)
        {
            spec["matchingPrecedence"] = 1000;
        }
        spec.Need("priorityLevelConfiguration").Default("name", "");
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    /// <summary>When its conditions changed.</summary>
    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
        foreach (var condition in (tree.At("status", "conditions") as JsonArray).Objects().Where(c => c["lastTransitionTime"] is null))
        {
            condition["lastTransitionTime"] = MetadataRules.Timestamp(time.GetUtcNow());
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var precedence = spec["matchingPrecedence"].AsLong() ?? 0;
        if (precedence <= 0)
        {
            errors.Invalid("spec.matchingPrecedence", precedence, "must be a positive value");
        }
        else if (precedence > HighestPrecedence)
        {
            errors.Invalid("spec.matchingPrecedence", precedence, $"must not be greater than {HighestPrecedence}");
        }
        else if (precedence == 1 && tree.Metadata().Text("name") != "exempt")
        {
            errors.Invalid("spec.matchingPrecedence", precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        }
        if (spec.Child("distinguisherMethod") is { } method && method.Text("type") is not ("ByNamespace" or "ByUser"))
        {
            errors.Add("FieldValueNotSupported", "spec.distinguisherMethod.type",
                $"Unsupported value: flowcontrol.FlowDistinguisherMethod{{Type:{FieldErrors.Quote(method.Text("type") ?? "")}}}: supported values: \"ByNamespace\", \"ByUser\"");
        }
        var level = spec.TextAt("priorityLevelConfiguration", "name") ?? "";
        if (level.Length == 0)
        {
            errors.Required("spec.priorityLevelConfiguration.name", "must reference a priority level");
        }
        else
        {
            PodValidation.Name(level, NameRule.Subdomain, "spec.priorityLevelConfiguration.name", errors);
        }
    }
}

/// <summary>How many requests of a kind may run at once: stored and checked.</summary>
internal sealed class PriorityLevelStrategy : ResourceStrategy
{
    /// <summary>Hears of every committed change.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(type, value);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec.Child("limited") is { } limited)
        {
            limited.Default("nominalConcurrencyShares", 30);
            limited.Default("lendablePercent", 0);
            if (limited.Need("limitResponse").Text("type") == "Queue")
            {
                var queues = limited.Need("limitResponse").Need("queuing");
                queues.Default("queues", 64);
                queues.Default("handSize", 8);
                queues.Default("queueLengthLimit", 50);
            }
            else
            {
                limited.Need("limitResponse").Default("type", "");
            }
        }
        if (spec.Child("exempt") is { } exempt)
        {
            exempt.Default("nominalConcurrencyShares", 0);
            exempt.Default("lendablePercent", 0);
        }
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var (spec, name) = (tree.Need("spec"), tree.Metadata().Text("name"));
        var type = spec.Text("type") ?? "";
        if (type is "Exempt" or "Limited" && (name == "exempt") != (type == "Exempt"))
        {
            errors.Invalid("spec.type", type, "type must be 'Exempt' if and only if name is 'exempt'");
        }
        switch (type)
        {
            case "Exempt":
                if (spec["limited"] is not null)
                {
                    errors.Forbidden("spec.limited", "must be nil if the type is not Limited");
                }
                break;
            case "Limited":
                if (spec["exempt"] is not null)
                {
                    errors.Forbidden("spec.exempt", "must be nil if the type is Limited");
                }
                if (spec.Child("limited") is { } limited)
                {
                    Limited(limited, errors);
                }
                else
                {
                    errors.Required("spec.limited", "must not be empty when type is Limited");
                }
                break;
            default:
                errors.NotSupported("spec.type", type, ["Exempt", "Limited"]);
                break;
        }
    }

    private static void Limited(JsonObject limited, FieldErrors errors)
    {
        const string at = "spec.limited";
        PodValidation.NotNegative(limited, "nominalConcurrencyShares", at, errors);
        if (limited["lendablePercent"].AsLong() is { } lent and (< 0 or > 100))
        {
            errors.Invalid($"{at}.lendablePercent", lent, "must be between 0 and 100, inclusive");
        }
        var answer = limited.Child("limitResponse") ?? [];
        switch (answer.Text("type"))
        {
            case "Reject" when answer["queuing"] is not null:
                errors.Forbidden($"{at}.limitResponse.queuing", "must be nil if limited.limitResponse.type is not Limited");
                break;
            case "Reject" or "Queue":
                break;
            case var other:
                errors.NotSupported($"{at}.limitResponse.type", other ?? "", ["Queue", "Reject"]);
                break;
        }
    }
}
