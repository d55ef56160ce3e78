using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Streams.Tests;

/// <summary>Short ways to the things that tests talk about.</summary>
static class Make
{
    public static readonly ResourceDefinition Pods = new(new GroupVersionKind("", "v1", "Pod"), "pods", true);

    public static KubeObject Pod(string name, int version, string kind = "Pod") => KubeObject.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"default","uid":"uid-{{{name}}}","resourceVersion":"{{{version}}}"}}"""));

    public static WatchEvent Added(string name, int version) => new(WatchEventType.Added, Pod(name, version));

    public static WatchEvent Modified(string name, int version) => new(WatchEventType.Modified, Pod(name, version));

    public static WatchEvent Deleted(string name, int version) => new(WatchEventType.Deleted, Pod(name, version));

    public static WatchEvent Bookmark(int version, bool endsInitialEvents = false) => new(WatchEventType.Bookmark, KubeObject.Parse(Encoding.UTF8.GetBytes(
        $$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"{{version}}","annotations":{ {{(endsInitialEvents ? "\"k8s.io/initial-events-end\":\"true\"" : "")}} } } }
        """)));

    public static WatchEvent Malformed(string why) => new(WatchEventType.Added, null, Malformed: why);

    public static WatchEvent Error(int code, string reason, string message = "no") => new(WatchEventType.Error, null, Status(code, reason, message));

    public static KubernetesException Failure(int code, string reason, string message = "no") => new(Status(code, reason, message));

    public static V1Status Status(int code, string reason, string message = "no") => new() { Status = "Failure", Code = code, Reason = reason, Message = message };
}
