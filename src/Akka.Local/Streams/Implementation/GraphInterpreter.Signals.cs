using Akka.Streams.Stage;
using static Akka.Streams.Implementation.Connection;

namespace Akka.Streams.Implementation;

/// <summary>What a running stage may signal to its neighbours. Each changes the connection's state at once and the neighbour is called later.</summary>
internal sealed partial class GraphInterpreter
{
    public void Pull(Connection connection)
    {
        var state = connection.State;
        if ((state & (InReady | InClosed | OutClosed)) == InReady)
        {
            connection.State = state ^ PullStart;
            if (_chaseBudget > 0 && _chasedPull is null)
            {
                _chaseBudget--;
                _chasedPull = connection;
            }
            else Enqueue(connection);
            return;
        }

        if ((state & InClosed) != 0) throw new ArgumentException("Cannot pull a closed port");
        if ((state & InReady) == 0) throw new ArgumentException("Cannot pull port twice");
        // The other side has ended: its end is on the way here and the pull means nothing any more.
        connection.State = state ^ PullStart;
    }

    /// <summary>Announces the element that was just put on the connection.</summary>
    public void Push(Connection connection, Outlet outlet)
    {
        var state = connection.State;
        if ((state & (OutReady | InClosed | OutClosed)) == OutReady)
        {
            connection.State = (state ^ PushStart) | HasElement;
            if (_chaseBudget > 0 && _chasedPush is null)
            {
                _chaseBudget--;
                _chasedPush = connection;
            }
            else Enqueue(connection);
            return;
        }

        if ((state & OutClosed) != 0) throw new ArgumentException($"Cannot push closed port {outlet}");
        if ((state & OutReady) == 0) throw new ArgumentException($"Cannot push port twice {outlet}");
        // Downstream has cancelled: that news is on the way here and the element goes nowhere.
        connection.Clear();
        connection.State = (connection.State ^ PushStart) & ~HasElement;
    }

    public void Complete(Connection connection)
    {
        var state = connection.State;
        connection.State = state | OutClosed;
        if ((state & (InClosed | Pushing | Pulling | OutClosed)) == 0) Enqueue(connection);
        else if (_chasedPush == connection)
        {
            // The push is delivered first; the end follows it through the ring.
            _chasedPush = null;
            Enqueue(connection);
        }

        if ((state & OutClosed) == 0) connection.OutOwner.OpenPorts--;
    }

    public void Fail(Connection connection, Exception cause)
    {
        var state = connection.State;
        connection.State = state | OutClosed;
        if ((state & (InClosed | OutClosed)) == 0)
        {
            connection.State |= InFailed;
            connection.Cause = cause;
            if ((state & (Pushing | Pulling)) == 0) Enqueue(connection);
            else if (_chasedPush == connection)
            {
                _chasedPush = null;
                Enqueue(connection);
            }
        }

        if ((state & OutClosed) == 0) connection.OutOwner.OpenPorts--;
    }

    public void Cancel(Connection connection, Exception cause)
    {
        var state = connection.State;
        connection.State = state | InClosed;
        if ((state & OutClosed) == 0)
        {
            connection.Clear();
            connection.Cause ??= cause;
            if ((state & (Pushing | Pulling | InClosed)) == 0) Enqueue(connection);
            else if (_chasedPull == connection)
            {
                _chasedPull = null;
                Enqueue(connection);
            }
        }

        if ((state & InClosed) == 0) connection.InOwner.OpenPorts--;
    }
}
