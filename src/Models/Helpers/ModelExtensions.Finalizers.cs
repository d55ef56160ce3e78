#nullable disable
namespace k8s.Models;

public static partial class ModelExtensions
{
    /// <summary>Who must have done something before the object may go.</summary>
    public static IList<string> Finalizers(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Finalizers;

    /// <summary>Whether the object has the finalizer.</summary>
    public static bool HasFinalizer(this IMetadata<V1ObjectMeta> obj, string finalizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(finalizer);
        return obj.Finalizers()?.Contains(finalizer) == true;
    }

    /// <summary>Adds the finalizer.</summary>
    /// <returns>Whether it was missing.</returns>
    /// <example><code>if (backup.AddFinalizer("shop.example.com/files")) backup = await backups.UpdateAsync(backup);</code></example>
    public static bool AddFinalizer(this IMetadata<V1ObjectMeta> obj, string finalizer)
    {
        if (obj.HasFinalizer(finalizer)) return false;
        obj.EnsureMetadata().EnsureFinalizers().Add(finalizer);
        return true;
    }

    /// <summary>Removes the finalizer, wherever and how often it is there.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool RemoveFinalizer(this IMetadata<V1ObjectMeta> obj, string finalizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(finalizer);
        var finalizers = obj.Finalizers();
        if (finalizers?.Contains(finalizer) != true) return false;
        obj.Metadata.Finalizers = [.. finalizers.Where(other => other != finalizer)];
        return true;
    }
}
