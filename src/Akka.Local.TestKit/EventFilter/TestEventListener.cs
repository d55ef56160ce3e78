using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>The logger of a system under test: logs like <see cref="DefaultLogger"/>, except for what an event filter names.</summary>
public class TestEventListener : DefaultLogger
{
    readonly List<ActiveFilter> _filters = [];

    /// <inheritdoc />
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                initialize.LoggingBus.Subscribe(Self, typeof(Install));
                initialize.LoggingBus.Subscribe(Self, typeof(Uninstall));
                initialize.LoggingBus.Subscribe(Self, typeof(DeadLetter));
                return base.Receive(message);
            case Install install:
                _filters.Add(install.Filter);
                return true;
            case Uninstall uninstall:
                _filters.Remove(uninstall.Filter);
                return true;
            case LogEvent logEvent:
                if (!IsFiltered(logEvent))
                    Print(logEvent);
                return true;
            case DeadLetter { Message: not ISystemMessage } letter:
                // Whether dead letters are logged is the system's to decide; here they are only counted.
                IsFiltered(new Warning(letter.Recipient.Path.ToString(), letter.Recipient.GetType(), letter));
                return true;
            default:
                return base.Receive(message);
        }
    }

    bool IsFiltered(LogEvent logEvent)
    {
        // Every filter is asked: two tests' filters, or a filter inside of another's action, each count what they name.
        var filtered = false;
        foreach (var filter in _filters)
            filtered |= filter.Apply(logEvent);
        return filtered;
    }

    internal sealed record Install(ActiveFilter Filter);

    internal sealed record Uninstall(ActiveFilter Filter);
}
