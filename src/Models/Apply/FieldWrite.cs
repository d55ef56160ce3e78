namespace ActorKube.Models;

/// <summary>Who writes an object, and as what.</summary>
/// <param name="Manager">The name of the manager: the request's <c>fieldManager</c>, or the first part of its user agent.</param>
/// <param name="ApiVersion">The version that the object is written in, such as <c>apps/v1</c>.</param>
/// <param name="Schema">How the kind's values merge.</param>
/// <param name="Subresource">The subresource that is written, such as <c>status</c>; empty for the object itself.</param>
/// <example><code>new FieldWrite("kubectl", "apps/v1", MergeSchema.For&lt;V1Deployment>())</code></example>
public sealed record FieldWrite(string Manager, string ApiVersion, MergeSchema Schema, string Subresource = "")
{
    /// <summary>Fields that such a write cannot change and thus never owns: the status of an object that has its own status subresource, all else of that subresource.</summary>
    public FieldSet Ignored { get; init; } = FieldSet.Empty;
}
