namespace ActorKube.Models;

/// <summary>
/// Who owns fields: what tells one entry of <c>managedFields</c> apart from another. Someone who applies has one entry whatever the version;
/// someone who updates has one for each.
/// </summary>
/// <param name="Manager">The manager's name.</param>
/// <param name="Applies">Whether it is by server-side apply; else by create, update or another patch.</param>
/// <param name="ApiVersion">The version updates were written in; empty for apply.</param>
/// <param name="Subresource">The subresource that was written; empty for the object itself.</param>
public sealed record FieldOwner(string Manager, bool Applies, string ApiVersion = "", string Subresource = "") : IComparable<FieldOwner>
{
    /// <inheritdoc/>
    public int CompareTo(FieldOwner? other) => other is null ? 1
        : string.CompareOrdinal(Manager, other.Manager) is not 0 and var byName ? byName
        : Applies != other.Applies ? (Applies ? -1 : 1)
        : string.CompareOrdinal(ApiVersion, other.ApiVersion) is not 0 and var byVersion ? byVersion
        : string.CompareOrdinal(Subresource, other.Subresource);

    /// <summary>As conflicts name the owner: <c>"kubectl" with subresource "status" using v1</c>.</summary>
    public override string ToString() =>
        Quote(Manager) + (Subresource.Length == 0 ? "" : " with subresource " + Quote(Subresource)) + (Applies ? "" : " using " + ApiVersion);

    static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
