namespace Akka.Util;

/// <summary>A boolean that threads may share.</summary>
public class AtomicBoolean
{
    private int _value;

    public AtomicBoolean(bool initialValue = false) => _value = initialValue ? 1 : 0;

    public bool Value
    {
        get => Volatile.Read(ref _value) == 1;
        set => Interlocked.Exchange(ref _value, value ? 1 : 0);
    }

    /// <summary>Sets <paramref name="newValue"/> if the value is <paramref name="expected"/>; says whether it did.</summary>
    public bool CompareAndSet(bool expected, bool newValue)
    {
        var old = expected ? 1 : 0;
        return Interlocked.CompareExchange(ref _value, newValue ? 1 : 0, old) == old;
    }

    public bool GetAndSet(bool newValue) => Interlocked.Exchange(ref _value, newValue ? 1 : 0) == 1;

    public static implicit operator bool(AtomicBoolean atomicBoolean) => atomicBoolean.Value;
}
