using ActorKube.Models;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace k8s.Models;

/// <summary>For programs with a YamlDotNet serializer of their own: one value of Kubernetes as one scalar. <see cref="KubeYaml"/> and <see cref="KubernetesYaml"/> need none of these.</summary>
/// <example><code>var reader = new DeserializerBuilder().WithTypeConverter(new IntOrStringYamlConverter()).Build();</code></example>
public abstract class ScalarYamlConverter<TValue> : IYamlTypeConverter
{
    private protected ScalarYamlConverter()
    {
    }

    /// <inheritdoc/>
    public bool Accepts(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(TValue);

    /// <inheritdoc/>
    /// <exception cref="YamlException">There is no scalar, or it is no such value; says where.</exception>
    public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
    {
        ArgumentNullException.ThrowIfNull(parser);
        var scalar = parser.Consume<Scalar>();
        try
        {
            return scalar.Value.Length == 0 ? null : Read(scalar);
        }
        catch (Exception fault) when (fault is FormatException or KubeFormatException)
        {
            throw new YamlException(scalar.Start, scalar.End, fault.Message, fault);
        }
    }

    /// <inheritdoc/>
    public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(emitter);
        emitter.Emit(value is TValue there ? Write(there) : new Scalar(""));
    }

    private protected abstract TValue Read(Scalar scalar);

    private protected abstract Scalar Write(TValue value);

    // What plain YAML would read as a number or a truth value.
    private protected static Scalar Quoted(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true);

    private protected static DateTimeOffset Time(string text) =>
        KubeTime.TryParse(text, out var time) ? time : throw new FormatException("Expected a point in time as RFC 3339 has it, such as 2025-01-31T12:00:00Z.");

    private protected static Scalar Time(DateTime time) => Quoted(KubeTime.Format(time, micro: time.Ticks % TimeSpan.TicksPerSecond != 0));
}

/// <inheritdoc/>
public class IntOrStringYamlConverter : ScalarYamlConverter<IntOrString>
{
    private protected override IntOrString Read(Scalar scalar) => scalar.Style == ScalarStyle.Plain ? IntOrString.Parse(scalar.Value) : IntOrString.FromString(scalar.Value);

    private protected override Scalar Write(IntOrString value) => value.IsInt ? new Scalar(value.Value) : Quoted(value.Value);
}

/// <inheritdoc/>
public class ResourceQuantityYamlConverter : ScalarYamlConverter<ResourceQuantity>
{
    private protected override ResourceQuantity Read(Scalar scalar) => ResourceQuantity.Parse(scalar.Value);

    private protected override Scalar Write(ResourceQuantity value) => Quoted(value.ToString());
}

/// <inheritdoc/>
public sealed class KubernetesDateTimeYamlConverter : ScalarYamlConverter<DateTime>
{
    private protected override DateTime Read(Scalar scalar) => Time(scalar.Value).UtcDateTime;

    private protected override Scalar Write(DateTime value) => Time(value);
}

/// <inheritdoc/>
public sealed class KubernetesDateTimeOffsetYamlConverter : ScalarYamlConverter<DateTimeOffset>
{
    private protected override DateTimeOffset Read(Scalar scalar) => Time(scalar.Value);

    private protected override Scalar Write(DateTimeOffset value) => Time(value.UtcDateTime);
}
