using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Streams.Implementation;
using Akka.Streams.Supervision;
using Decider = Akka.Streams.Supervision.Decider;

namespace Akka.Streams;

/// <summary>
/// Runs graphs in actors. Bound to an actor system or to an actor: everything it runs lives in children of one supervisor there and stops
/// with it. Thread-safe; but one bound to an actor is made inside of that actor.
/// </summary>
public abstract class ActorMaterializer : IMaterializer, IMaterializerLoggingProvider, IDisposable
{
    protected ActorMaterializer() { }

    /// <summary>
    /// A materializer whose streams are stopped by <see cref="Shutdown"/>, or when what <paramref name="context"/> belongs to stops. An
    /// actor gets one of its own each time; an actor system has one, which is shared, unless settings are given.
    /// </summary>
    /// <param name="context">An actor system or an actor's context.</param>
    /// <param name="settings">Left out: the system's.</param>
    /// <param name="namePrefix">What the names of the actors begin with; left out: Flow.</param>
    public static ActorMaterializer Create(IActorRefFactory context, ActorMaterializerSettings? settings = null, string? namePrefix = null)
    {
        var system = context switch
        {
            ActorSystem s => s,
            IActorContext c => c.System,
            null => throw new ArgumentNullException(nameof(context), "A materializer needs an actor system or an actor's context"),
            _ => throw new ArgumentException(
                $"A materializer needs an actor system or an actor's context, but was given a {context.GetType()}", nameof(context)),
        };
        var shared = ActorMaterializerImpl.DefaultFor(system);
        if (context is not ActorSystem || settings is not null)
            return new ActorMaterializerImpl(system, context, settings ?? shared.Settings, namePrefix ?? "Flow");
        return namePrefix is null ? shared : (ActorMaterializer)shared.WithNamePrefix(namePrefix);
    }

    public abstract ActorMaterializerSettings Settings { get; }

    /// <summary>Whether nothing can be run any more.</summary>
    public abstract bool IsShutdown { get; }

    public abstract ActorSystem System { get; }

    public abstract ILoggingAdapter Logger { get; }

    /// <summary>The parent of every actor that runs a stream of this materializer.</summary>
    public abstract IActorRef Supervisor { get; }

    public abstract IMaterializer WithNamePrefix(string namePrefix);

    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);

    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);

    public abstract ICancelable ScheduleOnce(TimeSpan delay, Action action);

    public abstract ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);

    /// <summary>The settings as <paramref name="attributes"/> change them.</summary>
    public abstract ActorMaterializerSettings EffectiveSettings(Attributes attributes);

    /// <summary>Stops everything this materializer runs, abruptly, and runs nothing more.</summary>
    public abstract void Shutdown();

    public abstract ILoggingAdapter MakeLogger(object logSource);

    /// <inheritdoc cref="Shutdown"/>
    public void Dispose() => Shutdown();
}

/// <summary>Materializers of systems and actors.</summary>
public static class ActorMaterializerExtensions
{
    /// <summary>
    /// A materializer bound to <paramref name="context"/>: the system's shared one, or a new one for an actor, which should keep it.
    /// </summary>
    public static ActorMaterializer Materializer(this IActorRefFactory context, ActorMaterializerSettings? settings = null,
        string? namePrefix = null) => ActorMaterializer.Create(context, settings, namePrefix);
}

/// <summary>How a materializer runs streams, where attributes say nothing else. Immutable.</summary>
public sealed class ActorMaterializerSettings
{
    public readonly int InitialInputBufferSize;
    public readonly int MaxInputBufferSize;
    public readonly string Dispatcher;
    public readonly Decider SupervisionDecider;
    public readonly StreamSubscriptionTimeoutSettings SubscriptionTimeoutSettings;
    public readonly int MaxFixedBufferSize;
    public readonly int SyncProcessingLimit;

    private ActorMaterializerSettings(int initialInputBufferSize, int maxInputBufferSize, string dispatcher, Decider supervisionDecider,
        StreamSubscriptionTimeoutSettings subscriptionTimeoutSettings, int maxFixedBufferSize, int syncProcessingLimit)
    {
        InitialInputBufferSize = initialInputBufferSize;
        MaxInputBufferSize = maxInputBufferSize;
        Dispatcher = dispatcher;
        SupervisionDecider = supervisionDecider;
        SubscriptionTimeoutSettings = subscriptionTimeoutSettings;
        MaxFixedBufferSize = maxFixedBufferSize;
        SyncProcessingLimit = syncProcessingLimit;
    }

    /// <summary>The settings under <c>akka.stream.materializer</c>.</summary>
    public static ActorMaterializerSettings Create(ActorSystem system)
    {
        var config = system.Settings.Config.GetConfig("akka.stream.materializer");
        return new ActorMaterializerSettings(
            config.GetInt("initial-input-buffer-size"),
            config.GetInt("max-input-buffer-size"),
            config.GetString("dispatcher"),
            Deciders.StoppingDecider,
            StreamSubscriptionTimeoutSettings.Create(config),
            config.GetInt("max-fixed-buffer-size"),
            config.GetInt("sync-processing-limit"));
    }

    /// <summary>Sizes of the buffers at asynchronous boundaries; the maximum must be a power of two.</summary>
    public ActorMaterializerSettings WithInputBuffer(int initialSize, int maxSize) =>
        new(initialSize, maxSize, Dispatcher, SupervisionDecider, SubscriptionTimeoutSettings, MaxFixedBufferSize, SyncProcessingLimit);

    /// <summary>The dispatcher of the actors that run streams.</summary>
    public ActorMaterializerSettings WithDispatcher(string dispatcher) =>
        new(InitialInputBufferSize, MaxInputBufferSize, dispatcher, SupervisionDecider, SubscriptionTimeoutSettings, MaxFixedBufferSize, SyncProcessingLimit);

    /// <summary>What exceptions in user functions mean.</summary>
    public ActorMaterializerSettings WithSupervisionStrategy(Decider decider) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, decider, SubscriptionTimeoutSettings, MaxFixedBufferSize, SyncProcessingLimit);

    /// <summary>How long a substream may wait for somebody to run it.</summary>
    public ActorMaterializerSettings WithSubscriptionTimeoutSettings(StreamSubscriptionTimeoutSettings settings) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, settings, MaxFixedBufferSize, SyncProcessingLimit);

    /// <summary>From which size on buffers grow as needed instead of being allocated whole.</summary>
    public ActorMaterializerSettings WithMaxFixedBufferSize(int maxFixedBufferSize) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, SubscriptionTimeoutSettings, maxFixedBufferSize, SyncProcessingLimit);

    /// <summary>How many events a stream handles before it lets other actors run.</summary>
    public ActorMaterializerSettings WithSyncProcessingLimit(int limit) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, SubscriptionTimeoutSettings, MaxFixedBufferSize, limit);
}
