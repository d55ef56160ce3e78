namespace ActorKube.Models;

/// <summary>A field that someone applies with another value than its owner gave it.</summary>
/// <param name="Owner">Who owns the field.</param>
/// <param name="Field">Where the field is.</param>
public sealed record ApplyConflict(FieldOwner Owner, FieldPath Field)
{
    /// <summary>What the API server says of it: <c>conflict with "kubectl" using v1</c>.</summary>
    public string Message => $"conflict with {Owner}";
}

/// <summary>An apply configuration changes fields that others own, and was not forced. The API server answers 409 with a cause for each.</summary>
public sealed class ApplyConflictException : Exception
{
    internal ApplyConflictException(IReadOnlyList<ApplyConflict> conflicts) : base(Describe(conflicts)) => Conflicts = conflicts;

    /// <summary>The conflicts, by owner and field.</summary>
    public IReadOnlyList<ApplyConflict> Conflicts { get; }

    static string Describe(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts is [var only]) return $"Apply failed with 1 conflict: {only.Message}: {only.Field}";
        var byOwner = conflicts.GroupBy(conflict => conflict.Owner)
            .Select(owned => $"conflicts with {owned.Key}:\n{string.Join('\n', owned.Select(conflict => $"- {conflict.Field}"))}");
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', byOwner)}";
    }
}
