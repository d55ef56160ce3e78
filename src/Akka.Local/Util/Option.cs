#nullable disable
namespace Akka.Util;

/// <summary>A value that may be absent. <c>default</c> and <see cref="None"/> are the same.</summary>
public readonly struct Option<T>
{
    /// <summary>No value.</summary>
    public static readonly Option<T> None = default;

    /// <summary>Wraps <paramref name="value"/>; a null reference gives an option without a value.</summary>
    public static Option<T> Create(T value) => value is null ? None : new Option<T>(value);

    /// <summary>Wraps <paramref name="value"/>, null included.</summary>
    public Option(T value)
    {
        Value = value;
        HasValue = true;
    }

    public bool HasValue { get; }

    public bool IsEmpty => !HasValue;

    /// <summary>The value, or <c>default</c> where there is none.</summary>
    public T Value { get; }

    public T GetOrElse(T fallbackValue) => HasValue ? Value : fallbackValue;

    public Option<TNew> Select<TNew>(Func<T, TNew> selector) =>
        HasValue ? selector(Value) : Option<TNew>.None;

    public Option<TNew> FlatSelect<TNew>(Func<T, Option<TNew>> mapper) =>
        HasValue ? mapper(Value) : Option<TNew>.None;

    public void OnSuccess(Action<T> action)
    {
        if (HasValue)
            action(Value);
    }

    public bool Equals(Option<T> other) =>
        HasValue == other.HasValue && EqualityComparer<T>.Default.Equals(Value, other.Value);

    public override bool Equals(object obj) => obj is Option<T> other && Equals(other);

    public override int GetHashCode() => HasValue ? HashCode.Combine(Value) : 0;

    public override string ToString() => HasValue ? $"Some<{Value}>" : "None";

    public static implicit operator Option<T>(T value) => Create(value);

    public static bool operator ==(Option<T> left, Option<T> right) => left.Equals(right);

    public static bool operator !=(Option<T> left, Option<T> right) => !left.Equals(right);
}
