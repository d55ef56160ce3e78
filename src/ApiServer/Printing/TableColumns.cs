using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>One column of a kind's Table form.</summary>
internal sealed record TableColumn(string Name, string Type, Func<JsonObject, TimeProvider, JsonNode?> Cell, string Format = "", int Priority = 0, string Description = "");

/// <summary>What <c>kubectl get</c> shows for a kind.</summary>
internal sealed class TableColumns(params TableColumn[] columns)
{
    private const string NameDescription =
        "Name must be unique within a namespace.";

    public IReadOnlyList<TableColumn> All { get; } = columns;

    /// <summary>A table without rows has nothing in their place, rather than an empty list: that of kinds which a real server has no columns of its own for.</summary>
    public bool NullWithoutRows { get; init; }

    /// <summary>The order of rows, where it is another than that of their names.</summary>
    public Comparison<JsonObject>? Order { get; init; }

    public static TableColumn Name { get; } = new("Name", "string", static (o, _) => o.TextAt("metadata", "name") ?? "", "name", 0, NameDescription);

    public static TableColumn Age { get; } = new("Age", "string",
        static (o, time) => Durations.Since(o.TextAt("metadata", "creationTimestamp"), time), "", 0, "Time since the object was made.");

    /// <summary>Columns of kinds without particular ones.</summary>
    public static TableColumns NameAndAge { get; } = new(Name,
        new TableColumn("Created At", "date", static (o, _) => o.TextAt("metadata", "creationTimestamp") ?? ""))
    {
        NullWithoutRows = true,
    };
}
