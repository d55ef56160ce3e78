using System.Text;

namespace ActorKube.Models;

/// <summary>Finds a field by the UTF-8 bytes of its name without making a string: an open-addressed table, built once.</summary>
internal sealed class FieldNames<TField> where TField : class
{
    private readonly (byte[] Name, TField Field)[] _slots;
    private readonly int _mask;

    public FieldNames(IReadOnlyList<TField> fields, Func<TField, string> name)
    {
        var size = 4;
        while (size < fields.Count * 3) size *= 2;
        _slots = new (byte[], TField)[size];
        _mask = size - 1;
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(name(field));
            var slot = Hash(bytes) & _mask;
            while (_slots[slot].Name is not null) slot = (slot + 1) & _mask;
            _slots[slot] = (bytes, field);
        }
    }

    public TField? Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Hash(name) & _mask; ; slot = (slot + 1) & _mask)
        {
            ref readonly var entry = ref _slots[slot];
            if (entry.Name is null) return null;
            if (name.SequenceEqual(entry.Name)) return entry.Field;
        }
    }

    // Length, first, middle and last byte tell the names of one type apart well enough.
    private static int Hash(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : name.Length + name[0] * 31 + name[name.Length / 2] * 173 + name[^1] * 1009;
}
