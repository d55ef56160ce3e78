#nullable disable
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Named values. Not thread-safe while it is being built; read-only afterwards.</summary>
public class HoconObject : IHoconElement
{
    public Dictionary<string, HoconValue> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>The object as plain dictionaries, lists and strings.</summary>
    public IDictionary<string, object> Unwrapped => Items.ToDictionary(
        pair => pair.Key,
        pair => pair.Value.IsObject() ? pair.Value.GetObject().Unwrapped : (object)(pair.Value.IsArray() ? pair.Value.GetArray() : pair.Value.GetString()));

    public HoconValue GetKey(string key) => Items.GetValueOrDefault(key);

    public HoconValue GetOrCreateKey(string key)
    {
        if (!Items.TryGetValue(key, out var value))
            Items[key] = value = new HoconValue();
        return value;
    }

    public bool IsString() => false;

    public string GetString() => throw new InvalidOperationException("An object is not text.");

    /// <summary>An object whose keys are 0, 1, 2 … counts as a list.</summary>
    public bool IsArray() => Items.Count > 0 && Items.Keys.All(key => int.TryParse(key, out var index) && index >= 0);

    public IList<HoconValue> GetArray() => Items
        .Where(pair => int.TryParse(pair.Key, out _))
        .OrderBy(pair => int.Parse(pair.Key, System.Globalization.CultureInfo.InvariantCulture))
        .Select(pair => pair.Value).ToList();

    /// <summary>Lays <paramref name="other"/> over this object: objects merge, everything else is replaced.</summary>
    public void Merge(HoconObject other)
    {
        foreach (var (key, value) in other.Items)
        {
            if (Items.TryGetValue(key, out var mine) && mine.IsObject() && value.IsObject())
            {
                var merged = new HoconObject();
                merged.Merge(mine.GetObject());
                merged.Merge(value.GetObject());
                Items[key] = HoconValue.Of(merged);
            }
            else
            {
                Items[key] = value;
            }
        }
    }

    public override string ToString() => ToString(0);

    public string ToString(int indent)
    {
        var text = new StringBuilder();
        var pad = new string(' ', indent * 2);
        foreach (var (key, value) in Items)
        {
            if (value.IsObject())
                text.Append(pad).Append(QuoteKey(key)).Append(" : {\n").Append(value.GetObject().ToString(indent + 1)).Append(pad).Append("}\n");
            else
                text.Append(pad).Append(QuoteKey(key)).Append(" : ").Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static string QuoteKey(string key) =>
        key.Length > 0 && key.All(c => char.IsLetterOrDigit(c) || c is '-' or '_') ? key : HoconValue.Quote(key);
}
