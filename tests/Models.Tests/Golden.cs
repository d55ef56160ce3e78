using ActorKube.Models;
using System.Text.Json.Nodes;

namespace Models.Tests;

/// <summary>What a real API server sent, as JSON and as protobuf.</summary>
internal sealed record Golden(string Path, string ContentType, JsonNode Json, byte[] Protobuf)
{
    public static IReadOnlyList<Golden> All { get; } = Load();

    /// <summary>The paths of objects and lists, for theories.</summary>
    public static TheoryData<string> Paths => new(All.Where(pair => !pair.IsWatch).Select(pair => pair.Path));

    /// <summary>The paths of watches, for theories.</summary>
    public static TheoryData<string> Watches => new(All.Where(pair => pair.IsWatch).Select(pair => pair.Path));

    public static Golden At(string path) => All.Single(pair => pair.Path == path);

    public byte[] JsonBytes => System.Text.Encoding.UTF8.GetBytes(Json.ToJsonString());

    public bool IsWatch => Json is JsonArray;

    public bool IsList => Kind.Kind.EndsWith("List", StringComparison.Ordinal);

    public GroupVersionKind Kind => GroupVersionKind.From(Json["apiVersion"]!.GetValue<string>(), Json["kind"]!.GetValue<string>());

    private static List<Golden> Load()
    {
        var file = File.ReadAllBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "golden", "protobuf-golden.json"));
        return [.. JsonNode.Parse(file)!.AsArray().Select(pair => new Golden(
            pair!["path"]!.GetValue<string>(), pair["contentType"]!.GetValue<string>(), pair["json"]!.DeepClone(), Convert.FromBase64String(pair["protobuf"]!.GetValue<string>())))];
    }
}
