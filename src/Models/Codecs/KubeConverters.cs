using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActorKube.Models.ApplyConfigurations;

namespace ActorKube.Models;

/// <summary>Lets System.Text.Json read and write a generated type through its field table.</summary>
internal sealed class ModelConverter<TModel> : JsonConverter<TModel> where TModel : KubeModel, new()
{
    private static readonly ModelSchema Schema = new TModel().FieldTable;

    public override TModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return (TModel)Schema.ReadJson(ref reader);
        }
        catch (KubeFormatException fault)
        {
            throw new JsonException(fault.Problem, fault);
        }
    }

    public override void Write(Utf8JsonWriter writer, TModel value, JsonSerializerOptions options) => Schema.WriteJson(writer, value);
}

/// <summary>Lets System.Text.Json read and write objects without a class.</summary>
internal sealed class UnstructuredConverter : JsonConverter<Unstructured>
{
    public override Unstructured Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNodes.Read(ref reader) is JsonObject root ? new Unstructured(root) : throw new JsonException("Expected an object");

    public override void Write(Utf8JsonWriter writer, Unstructured value, JsonSerializerOptions options) => value.Root.WriteTo(writer);
}

/// <summary>Lets System.Text.Json write apply configurations that are within lists and maps.</summary>
internal sealed class ApplyConfigurationConverter : JsonConverter<ApplyConfiguration>
{
    public override bool CanConvert(Type typeToConvert) => typeof(ApplyConfiguration).IsAssignableFrom(typeToConvert);

    public override ApplyConfiguration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Apply configurations are written and never read: read the object itself.");

    public override void Write(Utf8JsonWriter writer, ApplyConfiguration value, JsonSerializerOptions options) => value.Root.WriteTo(writer);
}
