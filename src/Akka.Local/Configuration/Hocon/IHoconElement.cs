#nullable disable
namespace Akka.Configuration.Hocon;

/// <summary>A piece of a HOCON value.</summary>
public interface IHoconElement
{
    bool IsString();

    string GetString();

    bool IsArray();

    IList<HoconValue> GetArray();
}

/// <summary>What may turn out to be an object.</summary>
public interface IMightBeAHoconObject
{
    bool IsObject();

    HoconObject GetObject();
}

/// <summary>Text.</summary>
public class HoconLiteral : IHoconElement
{
    public string Value { get; set; }

    public bool IsString() => true;

    public string GetString() => Value;

    public bool IsArray() => false;

    public IList<HoconValue> GetArray() =>
        throw new InvalidOperationException($"The text '{Value}' is not a list.");

    public override string ToString() => Value;
}

/// <summary>A list of values.</summary>
public class HoconArray : List<HoconValue>, IHoconElement
{
    public bool IsString() => false;

    public string GetString() => throw new InvalidOperationException("A list is not text.");

    public bool IsArray() => true;

    public IList<HoconValue> GetArray() => this;

    public override string ToString() => "[" + string.Join(",", this) + "]";
}

/// <summary>A document: its root value.</summary>
public class HoconRoot
{
    public HoconRoot(HoconValue value) => Value = value;

    protected HoconRoot() { }

    public HoconValue Value { get; }
}
