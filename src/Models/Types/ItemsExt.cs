namespace k8s.Models;

/// <summary>Going through a list without naming its items.</summary>
public static class ItemsExt
{
    /// <summary>The objects of a list, for <c>foreach</c>; none where the list has none.</summary>
    /// <example><code>foreach (var pod in pods) Console.WriteLine(pod.Name());   // pods: a V1PodList</code></example>
    public static IEnumerator<T> GetEnumerator<T>(this IItems<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return (items.Items ?? []).GetEnumerator();
    }
}
