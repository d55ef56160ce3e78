using System.Collections.Concurrent;

namespace ActorKube.Models;

/// <summary>Reads <see cref="MergeSchema"/>s out of classes that stand for kinds.</summary>
static class ClassMergeSchema
{
    static readonly ConcurrentDictionary<Type, MergeSchema> Types = new();

    public static MergeSchema Of(Type type) => Types.GetOrAdd(type, static type =>
        ModelSchema.For(type) is { } model ? ModelMergeSchema.Of(model)
        : ResourceDefinition.TryFor(type) is null ? throw new ArgumentException($"{type} names no kind: put [KubernetesEntity] on it.")
        : MergeSchema.ForCustomResource(new CrdSchemaBuilder().Root(type)));
}
