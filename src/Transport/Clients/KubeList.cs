namespace ActorKube.Transport;

/// <summary>A page of a list, objects decoded. As received it is <see cref="ActorKube.Models.KubeList"/>.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version the list is of: where a watch goes on from. The same for all pages of a list.</param>
/// <param name="Continue">What to ask the next page with; empty on the last one.</param>
/// <param name="RemainingItemCount">How many items come after this page, where the server says so.</param>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion, string Continue = "", long? RemainingItemCount = null);
