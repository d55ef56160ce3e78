using System.Text;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>Short ways to the things that tests talk about.</summary>
static class Make
{
    public static readonly ResourceDefinition Pods = new(new GroupVersionKind("", "v1", "Pod"), "pods", true);

    public static KubeObject Pod(string name, int version, string? uid = null, string ns = "default", string labels = "") => KubeObject.Parse(Encoding.UTF8.GetBytes($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"{{ns}}","uid":"{{uid ?? "uid-" + name}}","resourceVersion":"{{version}}","labels":{ {{labels}} } } }
        """));

    public static NamespacedName Key(string name) => new("default", name);

    public static ReflectorEvent Replaced(int version, params KubeObject[] objects) => new ReflectorEvent.Replaced(objects, version.ToString());

    public static ReflectorEvent Changed(WatchEventType type, KubeObject item) => new ReflectorEvent.Changed(type, item, item.ResourceVersion);

    public static V1Status Status(int code, string reason, string message = "no") => new() { Status = "Failure", Code = code, Reason = reason, Message = message };

    /// <summary>What a change says, in a few letters: <c>+a@1</c>, <c>a@1>2</c>, <c>-a@2</c>, <c>-a@2?</c> for a tombstone, <c>+a@1!</c> for an initial one.</summary>
    public static string Tell(CacheChange change) => change switch
    {
        CacheChange.Added a => $"+{a.Object.Name}@{a.Object.ResourceVersion}{(a.Initial ? "!" : "")}",
        CacheChange.Modified m => $"{m.New.Name}@{m.Old.ResourceVersion}>{m.New.ResourceVersion}",
        CacheChange.Deleted d => $"-{d.Object.Name}@{d.Object.ResourceVersion}{(d.FinalStateUnknown ? "?" : "")}",
        _ => "?",
    };

    public static string[] Tell(IEnumerable<CacheChange> changes) => [.. changes.Select(Tell)];
}
