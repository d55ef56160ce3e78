namespace ActorKube.Actors.Tests;

public sealed class PersistentMapTests
{
    /// <summary>A key whose hash is told, to force neighbours and full collisions.</summary>
    readonly record struct Key(int Id, int Hash) : IEquatable<Key>
    {
        public bool Equals(Key other) => Id == other.Id;

        public override int GetHashCode() => Hash;
    }

    static Key RandomKey(Random random)
    {
        var id = random.Next(300);
        return new Key(id, (id % 3) switch { 0 => id * 7919, 1 => id % 5, _ => (id % 7) << 27 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Behaves_as_a_dictionary_and_old_maps_never_change(int seed)
    {
        var random = new Random(seed);
        var map = PersistentMap<Key, int>.Empty;
        var model = new Dictionary<Key, int>();
        var remembered = new List<(PersistentMap<Key, int> Map, Dictionary<Key, int> Model)>();
        PersistentMap<Key, int>.Edit? edit = null;
        for (var i = 0; i < 5000; i++)
        {
            if (i % 100 == 0)
            {
                remembered.Add((map, new Dictionary<Key, int>(model)));
                edit = random.Next(2) == 0 ? new PersistentMap<Key, int>.Edit() : null;
            }
            var key = RandomKey(random);
            if (random.Next(3) == 0)
            {
                map = map.Remove(key, edit);
                model.Remove(key);
            }
            else
            {
                map = map.Set(key, i, edit);
                model[key] = i;
            }
        }
        remembered.Add((map, model));
        foreach (var (then, expected) in remembered)
        {
            Assert.Equal(expected.Count, then.Count);
            Assert.Equal(expected.OrderBy(e => e.Key.Id), then.OrderBy(e => e.Key.Id));
            for (var id = 0; id < 300; id++)
            {
                var key = new Key(id, (id % 3) switch { 0 => id * 7919, 1 => id % 5, _ => (id % 7) << 27 });
                Assert.Equal(expected.TryGetValue(key, out var wanted), then.TryGetValue(key, out var found));
                Assert.Equal(wanted, found);
            }
        }
    }

    [Fact]
    public void Empties_again()
    {
        var map = PersistentMap<int, int>.Empty;
        for (var i = 0; i < 10_000; i++)
            map = map.Set(i, i);
        for (var i = 0; i < 10_000; i++)
            map = map.Remove(i);
        Assert.Empty(map);
        Assert.Same(map, map.Remove(5));
    }
}
