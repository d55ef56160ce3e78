using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Says a correlated event to the server in one of its two kinds.</summary>
abstract class EventWriter
{
    public abstract Task WriteAsync(IKubernetesClient client, CorrelatedEvent told, CancellationToken cancellation);
}

/// <summary>Creates an event when it is new, and changes what its repetitions change.</summary>
abstract class EventWriter<T> : EventWriter
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public sealed override Task WriteAsync(IKubernetesClient client, CorrelatedEvent told, CancellationToken cancellation)
    {
        var events = client.Resource<T>(NamespaceOf(told));
        return told.IsRepeat
            ? events.PatchAsync(told.Name, Patch.Merge(Repeat(told)), cancellation: cancellation)
            : events.CreateAsync(New(told), cancellation: cancellation);
    }

    protected abstract T New(CorrelatedEvent told);

    protected abstract JsonObject Repeat(CorrelatedEvent told);

    // Events of objects without a namespace live in the default one.
    static string NamespaceOf(CorrelatedEvent told) => told.Facts.Key.Namespace.Length == 0 ? "default" : told.Facts.Key.Namespace;

    protected static V1ObjectMeta Metadata(CorrelatedEvent told) => new() { Name = told.Name, NamespaceProperty = NamespaceOf(told) };

    protected static V1ObjectReference About(EventFacts facts) => new()
    {
        ApiVersion = facts.Kind.ApiVersion,
        Kind = facts.Kind.Kind,
        Name = facts.Key.Name,
        NamespaceProperty = facts.Key.Namespace.Length == 0 ? null : facts.Key.Namespace,
        Uid = facts.Uid.Length == 0 ? null : facts.Uid,
        ResourceVersion = facts.ResourceVersion.Length == 0 ? null : facts.ResourceVersion,
        FieldPath = facts.FieldPath,
    };

    protected static string Micro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Events of the core group, with a count.</summary>
sealed class CoreEventWriter(string component) : EventWriter<Corev1Event>
{
    protected override JsonObject Repeat(CorrelatedEvent told) => new()
    {
        ["count"] = told.Count,
        ["lastTimestamp"] = told.Facts.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["message"] = told.Facts.Message,
    };

    protected override Corev1Event New(CorrelatedEvent told) => new()
    {
        Metadata = Metadata(told),
        InvolvedObject = About(told.Facts),
        Type = told.Facts.Type,
        Reason = told.Facts.Reason,
        Message = told.Facts.Message,
        Count = told.Count,
        FirstTimestamp = told.First.UtcDateTime,
        LastTimestamp = told.Facts.At.UtcDateTime,
        Source = new V1EventSource { Component = told.Facts.Component ?? component, Host = told.Facts.Host },
        ReportingComponent = told.Facts.Component ?? component,
        ReportingInstance = told.Facts.Host ?? Environment.MachineName,
    };
}

/// <summary>Events of <c>events.k8s.io/v1</c>, with a series.</summary>
sealed class EventsV1Writer(string component) : EventWriter<Eventsv1Event>
{
    protected override JsonObject Repeat(CorrelatedEvent told) => new()
    {
        ["series"] = new JsonObject { ["count"] = told.Count, ["lastObservedTime"] = Micro(told.Facts.At) },
    };

    // The action is what was done, the reason why; whoever records names one word, and it stands for both.
    protected override Eventsv1Event New(CorrelatedEvent told) => new()
    {
        Metadata = Metadata(told),
        EventTime = told.First.UtcDateTime,
        Regarding = About(told.Facts),
        Type = told.Facts.Type,
        Reason = told.Facts.Reason,
        Action = told.Facts.Reason,
        Note = told.Facts.Message,
        ReportingController = told.Facts.Component ?? component,
        ReportingInstance = told.Facts.Host ?? Environment.MachineName,
    };
}
