namespace ActorKube.Actors.Tests;

public sealed class PersistentSetTests
{
    /// <summary>A key whose hash is told, to force neighbours and full collisions.</summary>
    readonly record struct Key(int Id, int Hash) : IEquatable<Key>
    {
        public bool Equals(Key other) => Id == other.Id;

        public override int GetHashCode() => Hash;
    }

    readonly record struct Item(Key Key, int Value) : IKeyed<Key>;

    readonly record struct Number(int Key) : IKeyed<int>;

    static Key RandomKey(Random random)
    {
        var id = random.Next(300);
        return new Key(id, (id % 3) switch { 0 => id * 7919, 1 => id % 5, _ => (id % 7) << 27 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Behaves_as_a_dictionary_and_old_sets_never_change(int seed)
    {
        var random = new Random(seed);
        var set = PersistentSet<Key, Item>.Empty;
        var model = new Dictionary<Key, int>();
        var remembered = new List<(PersistentSet<Key, Item> Set, Dictionary<Key, int> Model)>();
        PersistentSet<Key, Item>.Edit? edit = null;
        for (var i = 0; i < 5000; i++)
        {
            if (i % 100 == 0)
            {
                remembered.Add((set, new Dictionary<Key, int>(model)));
                edit = random.Next(2) == 0 ? new PersistentSet<Key, Item>.Edit() : null;
            }
            var key = RandomKey(random);
            if (random.Next(3) == 0)
            {
                set = set.Remove(key, edit);
                model.Remove(key);
            }
            else
            {
                set = set.Set(new Item(key, i), edit);
                model[key] = i;
            }
        }
        remembered.Add((set, model));
        foreach (var (then, expected) in remembered)
        {
            Assert.Equal(expected.Count, then.Count);
            Assert.Equal(expected.OrderBy(e => e.Key.Id).Select(e => new Item(e.Key, e.Value)), then.OrderBy(e => e.Key.Id));
            for (var id = 0; id < 300; id++)
            {
                var key = new Key(id, (id % 3) switch { 0 => id * 7919, 1 => id % 5, _ => (id % 7) << 27 });
                Assert.Equal(expected.TryGetValue(key, out var wanted), then.TryGet(key, out var found));
                Assert.Equal(wanted, found.Value);
            }
        }
    }

    [Fact]
    public void Empties_again()
    {
        var set = PersistentSet<int, Number>.Empty;
        for (var i = 0; i < 10_000; i++)
            set = set.Set(new Number(i));
        for (var i = 0; i < 10_000; i++)
            set = set.Remove(i);
        Assert.Empty(set);
        Assert.Same(set, set.Remove(5));
    }
}
