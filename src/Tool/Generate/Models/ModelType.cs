namespace ActorKube.Tool;

/// <summary>A class to write.</summary>
/// <param name="Name">The name of the class.</param>
/// <param name="Definition">The name of its definition in the OpenAPI document.</param>
/// <param name="Folder">Where its file goes: group and version.</param>
/// <param name="Entity">What it is as a kind of its own; null for parts of kinds.</param>
/// <param name="IsAtomic">Whether applies treat it as one value.</param>
/// <param name="Properties">Its properties, in the document's order.</param>
internal sealed record ModelType(string Name, string Definition, string Folder, ModelEntity? Entity, bool IsAtomic, IReadOnlyList<ModelProperty> Properties);

/// <summary>A kind of the API.</summary>
internal sealed record ModelEntity(string Group, string Version, string Kind, string? Plural, bool Namespaced);

/// <summary>A property to write.</summary>
/// <param name="Json">Its name in JSON.</param>
/// <param name="Name">Its name in C#.</param>
/// <param name="Type">Its C# type.</param>
/// <param name="Codec">The expression for its codec.</param>
/// <param name="Path">Its place in protobuf; empty where protobuf lacks it.</param>
/// <param name="Patch">The expression for its patch metadata; null where it has the default.</param>
/// <param name="KeepEmpty">Whether it is written when empty.</param>
/// <param name="Required">Whether the document counts it among the required ones.</param>
internal sealed record ModelProperty(string Json, string Name, string Type, string Codec, int[] Path, string? Patch, bool KeepEmpty, bool Required);
