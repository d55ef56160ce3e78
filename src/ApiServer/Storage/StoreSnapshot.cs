using System.Collections.Immutable;

namespace ActorKube.ApiServer;

/// <summary>All objects of one resource at one moment; immutable. Ordered as etcd orders its keys: by namespace, then name, by bytes.</summary>
internal sealed class StoreSnapshot
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> NoObjects =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> _namespaces;

    private StoreSnapshot(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces, int count)
    {
        _namespaces = namespaces;
        Count = count;
    }

    public static StoreSnapshot Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(NamespaceOrder.Instance), 0);

    public int Count { get; }

    public StoredObject? Get(string @namespace, string name) =>
        _namespaces.TryGetValue(@namespace, out var objects) && objects.TryGetValue(name, out var found) ? found : null;

    public StoreSnapshot With(StoredObject value)
    {
        var objects = _namespaces.TryGetValue(value.Namespace, out var existing) ? existing : NoObjects;
        var changed = objects.SetItem(value.Name, value);
        return new StoreSnapshot(_namespaces.SetItem(value.Namespace, changed), Count + changed.Count - objects.Count);
    }

    public StoreSnapshot Without(string @namespace, string name)
    {
        if (!_namespaces.TryGetValue(@namespace, out var objects) || !objects.ContainsKey(name))
        {
            return this;
        }
        var changed = objects.Remove(name);
        return new StoreSnapshot(changed.IsEmpty ? _namespaces.Remove(@namespace) : _namespaces.SetItem(@namespace, changed), Count - 1);
    }

    /// <summary>
    /// Objects in key order, of one namespace or (null) of all, starting after <paramref name="after"/> where given.
    /// </summary>
    public IEnumerable<StoredObject> Enumerate(string? @namespace, (string Namespace, string Name)? after = null)
    {
        if (@namespace is not null)
        {
            if (!_namespaces.TryGetValue(@namespace, out var objects))
            {
                yield break;
            }
            foreach (var item in objects)
            {
                if (after is { } start && string.CompareOrdinal(item.Key, start.Name) <= 0)
                {
                    continue;
                }
                yield return item.Value;
            }
            yield break;
        }
        foreach (var group in _namespaces)
        {
            var order = after is { } first ? NamespaceOrder.Instance.Compare(group.Key, first.Namespace) : 1;
            if (order < 0)
            {
                continue;
            }
            foreach (var item in group.Value)
            {
                if (order == 0 && string.CompareOrdinal(item.Key, after!.Value.Name) <= 0)
                {
                    continue;
                }
                yield return item.Value;
            }
        }
    }
}
