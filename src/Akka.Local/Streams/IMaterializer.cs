using Akka.Actor;
using Akka.Event;

namespace Akka.Streams;

/// <summary>Runs graphs. Thread-safe.</summary>
public interface IMaterializer
{
    /// <summary>The same materializer, giving other names to the actors it starts.</summary>
    IMaterializer WithNamePrefix(string namePrefix);

    /// <summary>Runs a closed graph and gives its materialized value. The stream may start before or after this returns.</summary>
    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);

    /// <summary>Runs a closed graph with attributes that hold for all of it.</summary>
    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);

    /// <summary>Runs an action once on the system's scheduler.</summary>
    ICancelable ScheduleOnce(TimeSpan delay, Action action);

    /// <summary>Runs an action again and again on the system's scheduler.</summary>
    ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);
}

/// <summary>A materializer that gives its stages a log.</summary>
public interface IMaterializerLoggingProvider
{
    /// <summary>A log whose entries name <paramref name="logSource"/> as their origin.</summary>
    ILoggingAdapter MakeLogger(object logSource);
}
