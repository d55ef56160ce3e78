using Akka.Actor;
using Akka.Util;

namespace Akka.TestKit;

/// <summary>What a test actor understands besides the messages it queues for the test.</summary>
public static class TestActor
{
    /// <summary>See <see cref="NullMessageEnvelope"/>.</summary>
    public static NullMessageEnvelope NullMessage => NullMessageEnvelope.Instance;

    /// <summary>See <see cref="TestKit.AutoPilot.KeepRunning"/>.</summary>
    public static AutoPilot KeepRunning => TestKit.KeepRunning.Instance;

    /// <summary>See <see cref="TestKit.AutoPilot.NoAutoPilot"/>.</summary>
    public static AutoPilot NoAutoPilot => TestKit.NoAutoPilot.Instance;

    /// <summary>Says whether a message is dropped instead of queued.</summary>
    public delegate bool Ignore(object message);

    /// <summary>Drop the messages that a function names, until the next <see cref="SetIgnore"/>.</summary>
    public class SetIgnore
    {
        /// <param name="ignore">Names what is dropped; null to drop nothing.</param>
        public SetIgnore(Ignore? ignore) => Ignore = ignore!;

        /// <summary>Names what is dropped.</summary>
        public Ignore Ignore { get; }
    }

    /// <summary>Watch an actor; its <see cref="Terminated"/> is queued like any message.</summary>
    public class Watch
    {
        /// <param name="actorToWatch">Whom to watch.</param>
        public Watch(IActorRef actorToWatch) => Actor = actorToWatch;

        /// <summary>Whom to watch.</summary>
        public IActorRef Actor { get; }
    }

    /// <summary>Stop watching an actor.</summary>
    public class Unwatch
    {
        /// <param name="actorToUnwatch">Whom to watch no more.</param>
        public Unwatch(IActorRef actorToUnwatch) => Actor = actorToUnwatch;

        /// <summary>Whom to watch no more.</summary>
        public IActorRef Actor { get; }
    }

    /// <summary>Install an auto-pilot.</summary>
    public class SetAutoPilot
    {
        /// <param name="autoPilot">The pilot for the next message.</param>
        public SetAutoPilot(AutoPilot autoPilot) => AutoPilot = autoPilot;

        /// <summary>The pilot for the next message.</summary>
        public AutoPilot AutoPilot { get; }
    }

    /// <summary>Start a child of the test actor; its ref is queued as a message from the test actor itself.</summary>
    public class Spawn
    {
        /// <summary>What to start.</summary>
        public readonly Props _props;

        /// <summary>Its name, or none for one of the system's choice.</summary>
        public readonly Option<string> _name;

        /// <summary>Who decides about the child's faults; none for the default strategy.</summary>
        public readonly Option<SupervisorStrategy> _supervisorStrategy;

        /// <param name="props">What to start.</param>
        /// <param name="name">Its name, or none.</param>
        /// <param name="supervisorStrategy">Who decides about its faults, or none.</param>
        public Spawn(Props props, Option<string> name, Option<SupervisorStrategy> supervisorStrategy)
        {
            _props = props;
            _name = name;
            _supervisorStrategy = supervisorStrategy;
        }

        /// <summary>Starts the child under <paramref name="context"/>.</summary>
        public IActorRef Apply(IActorRefFactory context) =>
            _name.HasValue ? context.ActorOf(_props, _name.Value) : context.ActorOf(_props);
    }

    internal sealed class WatchAck
    {
        public static readonly WatchAck Instance = new();
    }
}
