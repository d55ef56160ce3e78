using ActorKube.Models;
using ActorKube.Models.ApplyConfigurations;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Applies what apply configurations want.</summary>
public static class ApplyConfigurationExtensions
{
    /// <summary>Applies a configuration through a typed client.</summary>
    /// <param name="client">The client of the resource.</param>
    /// <param name="wanted">What to apply.</param>
    /// <param name="options">Who applies, and how.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    /// <exception cref="KubernetesException">With <c>IsConflict</c>: another manager owns a field with another value, and the options do not force.</exception>
    public static Task<T> ApplyAsync<T, TConfiguration>(
        this IObjectClient<T> client, KindApplyConfiguration<TConfiguration> wanted, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
        where TConfiguration : KindApplyConfiguration<TConfiguration>
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(options);
        // Not as a T, whose class may fill in what the configuration does not say.
        var configuration = wanted.ToKubeObject();
        var patchOptions = new PatchOptions { FieldManager = options.FieldManager, Force = options.Force, DryRun = options.DryRun, FieldValidation = options.FieldValidation };
        return client.PatchAsync(configuration.Name, Patch.Apply(configuration.Bytes), patchOptions, subresource, cancellation);
    }

    /// <inheritdoc cref="ApplyAsync{T, TConfiguration}"/>
    public static Task<KubeObject> ApplyAsync<TConfiguration>(
        this IResourceClient client, KindApplyConfiguration<TConfiguration> wanted, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default)
        where TConfiguration : KindApplyConfiguration<TConfiguration>
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(wanted);
        return client.ApplyAsync(wanted.ToKubeObject(), options, subresource, cancellation);
    }
}
