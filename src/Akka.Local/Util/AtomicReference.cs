#nullable disable
namespace Akka.Util;

/// <summary>A reference that threads may share.</summary>
public class AtomicReference<T> where T : class
{
    // ReSharper disable once InconsistentNaming: the name is part of the API.
    protected T atomicValue;

    public AtomicReference(T originalValue) => atomicValue = originalValue;

    public AtomicReference() { }

    public T Value
    {
        get => Volatile.Read(ref atomicValue);
        set => Interlocked.Exchange(ref atomicValue, value);
    }

    /// <summary>Sets <paramref name="newValue"/> if the value is the very object <paramref name="expected"/>; says whether it did.</summary>
    public bool CompareAndSet(T expected, T newValue) =>
        ReferenceEquals(Interlocked.CompareExchange(ref atomicValue, newValue, expected), expected);

    public T GetAndSet(T newValue) => Interlocked.Exchange(ref atomicValue, newValue);

    public static implicit operator T(AtomicReference<T> atomicReference) => atomicReference.Value;
}
