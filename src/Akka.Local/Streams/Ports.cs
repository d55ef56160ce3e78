using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>An input of a graph, by identity: two ports are equal only if they are the same port.</summary>
public abstract class InPort
{
    internal int Id = -1;
}

/// <summary>An output of a graph, by identity: two ports are equal only if they are the same port.</summary>
public abstract class OutPort
{
    internal int Id = -1;
}

/// <summary>An input with a name and a type of element.</summary>
public abstract class Inlet : InPort
{
    /// <summary>A typed view of <paramref name="inlet"/>: itself where the type agrees, else a new port of the same name.</summary>
    public static Inlet<T> Create<T>(Inlet inlet) => inlet as Inlet<T> ?? new Inlet<T>(inlet.Name);

    protected Inlet(string name) => Name = name ?? throw new ArgumentNullException(nameof(name), "An inlet needs a name");

    /// <summary>Shown in errors and logs; need not be unique.</summary>
    public readonly string Name;

    /// <summary>A new port with the same name and type.</summary>
    public abstract Inlet CarbonCopy();

    public sealed override string ToString() => Name;
}

/// <summary>An input that takes elements of type <typeparamref name="T"/>.</summary>
public sealed class Inlet<T> : Inlet
{
    public Inlet(string name) : base(name) { }

    public override Inlet CarbonCopy() => new Inlet<T>(Name);
}

/// <summary>An output with a name and a type of element.</summary>
public abstract class Outlet : OutPort
{
    /// <summary>A typed view of <paramref name="outlet"/>: itself where the type agrees, else a new port of the same name.</summary>
    public static Outlet<T> Create<T>(Outlet outlet) => outlet as Outlet<T> ?? new Outlet<T>(outlet.Name);

    protected Outlet(string name) => Name = name ?? throw new ArgumentNullException(nameof(name), "An outlet needs a name");

    /// <summary>Shown in errors and logs; need not be unique.</summary>
    public readonly string Name;

    /// <summary>A new port with the same name and type.</summary>
    public abstract Outlet CarbonCopy();

    internal abstract Connection NewConnection();

    internal abstract Boundary NewBoundary(int capacity);

    public sealed override string ToString() => Name;
}

/// <summary>An output that gives elements of type <typeparamref name="T"/>.</summary>
public sealed class Outlet<T> : Outlet
{
    public Outlet(string name) : base(name) { }

    public override Outlet CarbonCopy() => new Outlet<T>(Name);

    internal override Connection NewConnection() => new Connection<T>();

    internal override Boundary NewBoundary(int capacity) => new Boundary<T>(capacity);
}
