namespace ActorKube.ApiServer;

/// <summary>
/// Orders namespaces as they stand in etcd's keys, where a slash follows the name: <c>team-b</c> comes before <c>team</c>, since a dash
/// comes before a slash.
/// </summary>
internal sealed class NamespaceOrder : IComparer<string>
{
    public static NamespaceOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        var common = Math.Min(a.Length, b.Length);
        var order = string.CompareOrdinal(a, 0, b, 0, common);
        if (order != 0 || a.Length == b.Length)
        {
            return order;
        }
        return a.Length < b.Length ? '/'.CompareTo(b[common]) : a[common].CompareTo('/');
    }
}
