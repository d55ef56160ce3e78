#nullable disable
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>
/// An immutable tree of settings with typed readers by dotted path. A reader gives its default where the path has
/// no value; a value that cannot be read as asked for throws a <see cref="FormatException"/> or <see cref="NotSupportedException"/>.
/// </summary>
public class Config
{
    /// <summary>No settings.</summary>
    public static readonly Config Empty = new();

    public Config() : this(new HoconRoot(HoconValue.Of(new HoconObject()))) { }

    public Config(HoconRoot root) =>
        Root = root?.Value ?? throw new ArgumentNullException(nameof(root), "A configuration needs a root; use Config.Empty for none.");

    /// <summary><paramref name="source"/> over <paramref name="fallback"/>.</summary>
    public Config(Config source, Config fallback) => Root = source.WithFallback(fallback).Root;

    public virtual HoconValue Root { get; }

    public virtual bool IsEmpty => Root.IsEmpty;

    /// <summary>These settings, and <paramref name="fallback"/>'s where these have none.</summary>
    public virtual Config WithFallback(Config fallback)
    {
        if (fallback is null || fallback.IsEmpty || ReferenceEquals(fallback, this))
            return this;
        if (IsEmpty)
            return fallback;
        var merged = new HoconObject();
        merged.Merge(fallback.Root.GetObject());
        merged.Merge(Root.GetObject());
        return new Config(new HoconRoot(HoconValue.Of(merged)));
    }

    public virtual bool HasPath(string path) => ConfigPath.Find(Root, path) is not null;

    public HoconValue GetValue(string path) => ConfigPath.Find(Root, path);

    /// <summary>The settings below <paramref name="path"/>, or null where there are none.</summary>
    public virtual Config GetConfig(string path) =>
        Find(path) is { } value && value.IsObject() ? new Config(new HoconRoot(value)) : null;

    public virtual string GetString(string path, string @default = null) => Find(path)?.GetString() ?? @default;

    public virtual bool GetBoolean(string path, bool @default = false) => Find(path) is { } v ? v.GetBoolean() : @default;

    public virtual int GetInt(string path, int @default = 0) => Find(path) is { } v ? v.GetInt() : @default;

    public virtual long GetLong(string path, long @default = 0) => Find(path) is { } v ? v.GetLong() : @default;

    public virtual float GetFloat(string path, float @default = 0) => Find(path) is { } v ? v.GetFloat() : @default;

    public virtual double GetDouble(string path, double @default = 0) => Find(path) is { } v ? v.GetDouble() : @default;

    public virtual decimal GetDecimal(string path, decimal @default = 0) => Find(path) is { } v ? v.GetDecimal() : @default;

    public virtual long? GetByteSize(string path) => GetByteSize(path, null);

    public virtual long? GetByteSize(string path, long? def = null) => Find(path) is { } v ? v.GetByteSize() : def;

    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        Find(path) is { } v ? v.GetTimeSpan(allowInfinite) : @default.GetValueOrDefault();

    public virtual IList<string> GetStringList(string path) => Find(path)?.GetStringList() ?? [];

    public virtual IList<string> GetStringList(string path, string[] defaultPaths) => Find(path)?.GetStringList() ?? defaultPaths;

    public virtual IList<bool> GetBooleanList(string path) => Find(path)?.GetBooleanList() ?? [];

    public virtual IList<byte> GetByteList(string path) => Find(path)?.GetByteList() ?? [];

    public virtual IList<int> GetIntList(string path) => Find(path)?.GetIntList() ?? [];

    public virtual IList<long> GetLongList(string path) => Find(path)?.GetLongList() ?? [];

    public virtual IList<float> GetFloatList(string path) => Find(path)?.GetFloatList() ?? [];

    public virtual IList<double> GetDoubleList(string path) => Find(path)?.GetDoubleList() ?? [];

    public virtual IList<decimal> GetDecimalList(string path) => Find(path)?.GetDecimalList() ?? [];

    /// <summary>The first level of keys.</summary>
    public virtual IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => Root.GetObject().Items;

    public override string ToString() => Root.IsObject() ? Root.GetObject().ToString() : Root.ToString();

    public static Config operator +(Config config, string fallback) => config.WithFallback(ConfigurationFactory.ParseString(fallback));

    public static Config operator +(string configHocon, Config fallbackConfig) => ConfigurationFactory.ParseString(configHocon).WithFallback(fallbackConfig);

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    /// <summary>The value at the path if it has any content: a key set to null counts as absent.</summary>
    private HoconValue Find(string path) => ConfigPath.Find(Root, path) is { Values.Count: > 0 } value ? value : null;
}

/// <summary>Conveniences over configurations that may be null.</summary>
public static class ConfigExtensions
{
    public static Config SafeWithFallback(this Config config, Config fallback) =>
        config is null ? fallback : fallback is null ? config : config.WithFallback(fallback);

    public static bool IsNullOrEmpty(this Config config) => config is null || config.IsEmpty;
}
