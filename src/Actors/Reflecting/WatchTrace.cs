using System.Diagnostics;
using ActorKube.Streams;

namespace ActorKube.Actors;

/// <summary>Where a trace begins: an event of a watch, from which a reconcile follows, from which requests to the server follow.</summary>
static class WatchTrace
{
    /// <summary>Begins the trace of one event; null where nobody traces.</summary>
    public static Activity? Begin(CacheSpec spec, ReflectorEvent.Changed watched)
    {
        if (!RuntimeMetrics.Activities.HasListeners())
            return null;
        // The event has no cause in this process, whatever the thread did before.
        Activity.Current = null;
        var trace = RuntimeMetrics.Activities.StartActivity($"watch {spec.Resource.Plural}", ActivityKind.Consumer);
        return trace?
            .SetTag("type", watched.Type.ToString().ToUpperInvariant())
            .SetTag("kind", spec.Resource.Kind.Kind)
            .SetTag("namespace", watched.Object.Namespace)
            .SetTag("name", watched.Object.Name)
            .SetTag("resourceVersion", watched.Object.ResourceVersion);
    }
}
