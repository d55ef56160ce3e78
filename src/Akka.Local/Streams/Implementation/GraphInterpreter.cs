using System.Numerics;
using Akka.Event;
using Akka.Pattern;
using Akka.Streams.Stage;
using static Akka.Streams.Implementation.Connection;

namespace Akka.Streams.Implementation;

/// <summary>
/// Runs the fused stages of one island: takes events (a pull, a push, an end) off a ring and calls the stage they concern, one at a time.
/// What a handler does next is chased: its pull or push is delivered right after it without passing through the ring, so that an element
/// travels a straight line of stages in one go. Never used by two threads at once.
/// </summary>
internal sealed partial class GraphInterpreter
{
    /// <summary>How many events in a row may be chased before other connections get their turn.</summary>
    private const int ChaseLimit = 16;

    [ThreadStatic] private static GraphInterpreter? s_current;

    private readonly List<GraphStageLogic> _logics = [];
    private Connection?[] _ring = [];
    private int _mask;
    private int _head;
    private int _tail;
    private int _chaseBudget;
    private Connection? _chasedPush;
    private Connection? _chasedPull;
    private GraphStageLogic? _active;
    private int _running;

    public GraphInterpreter(IslandHost host, ActorMaterializerImpl materializer)
    {
        Host = host;
        Materializer = materializer;
    }

    /// <summary>The interpreter whose stage is running on this thread.</summary>
    public static GraphInterpreter Current =>
        s_current ?? throw new IllegalStateException("A stage's handler was called outside of a running stream");

    public IslandHost Host { get; }

    public ActorMaterializerImpl Materializer { get; }

    /// <summary>The boundaries through which other islands feed this one.</summary>
    public List<BoundaryLogic> Inputs { get; } = [];

    /// <summary>Set when the actor stops before the stream has ended.</summary>
    public Exception? AbortCause { get; set; }

    public ILoggingAdapter Log => Materializer.Logger;

    public GraphStageLogic ActiveStage =>
        _active ?? throw new IllegalStateException("No stage is active: handlers may only be called by the stream itself");

    public bool IsEmpty => _logics.Count == 0;

    public bool HasWork => _head != _tail;

    public bool IsCompleted => _running == 0 && _head == _tail;

    /// <summary>Set while the host remembers that this interpreter was interrupted by the event limit.</summary>
    public bool IsResuming;

    public void Add(GraphStageLogic logic)
    {
        logic.Interpreter = this;
        _logics.Add(logic);
    }

    public void Seal(int connections)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(connections, 2));
        // One slot more than there are connections, so that a full ring never looks empty.
        if (size == connections) size *= 2;
        _ring = new Connection[size];
        _mask = size - 1;
        _running = _logics.Count;
    }

    /// <summary>Starts every stage, in the order in which the graph was put together.</summary>
    public void Init()
    {
        var previous = s_current;
        s_current = this;
        try
        {
            foreach (var logic in _logics)
            {
                _active = logic;
                try
                {
                    logic.RequireHandlers();
                    logic.CallPreStart();
                }
                catch (Exception e)
                {
                    ReportStageError(e);
                }

                AfterStageHasRun(logic);
            }
        }
        finally
        {
            _active = null;
            s_current = previous;
        }
    }

    /// <summary>Stops what still runs: every stage that has not been stopped yet gets its <c>PostStop</c>.</summary>
    public void Finish()
    {
        var previous = s_current;
        s_current = this;
        try
        {
            foreach (var logic in _logics)
                if (!logic.IsStopped) Stop(logic);
        }
        finally
        {
            _active = null;
            s_current = previous;
        }
    }

    /// <summary>Handles at most about <paramref name="limit"/> events and returns what is left of the limit.</summary>
    public int Execute(int limit)
    {
        var previous = s_current;
        s_current = this;
        try
        {
            // An exception leaves the inner loop, is charged to the stage that threw, and the loop is entered again.
            while (limit > 0 && _head != _tail | _chasedPush is not null | _chasedPull is not null)
            {
                try
                {
                    limit = Loop(limit);
                }
                catch (Exception e)
                {
                    limit--;
                    ReportStageError(e);
                    AfterStageHasRun(_active!);
                }
            }

            StopChasing();
            return limit;
        }
        finally
        {
            _active = null;
            s_current = previous;
        }
    }

    private int Loop(int limit)
    {
        while (true)
        {
            Connection? next;
            if ((next = _chasedPush) is not null) _chasedPush = null;
            else if ((next = _chasedPull) is not null) _chasedPull = null;
            else
            {
                if (limit <= 0 || _head == _tail) return limit;
                next = _ring[_head]!;
                _ring[_head] = null;
                _head = (_head + 1) & _mask;
                _chaseBudget = ChaseLimit;
            }

            limit--;
            Process(next);
            var active = _active!;
            if (active.OpenPorts == 0) AfterStageHasRun(active);
        }
    }

    /// <summary>Calls a stage's own code for something that happened outside of the graph: a callback or a timer.</summary>
    public void RunAsyncInput<T>(GraphStageLogic logic, Action<T> handler, T input)
    {
        if (logic.IsStopped) return;
        var previous = s_current;
        s_current = this;
        _active = logic;
        try
        {
            try
            {
                handler(input);
            }
            catch (Exception e)
            {
                ReportStageError(e);
            }

            AfterStageHasRun(logic);
        }
        finally
        {
            _active = null;
            s_current = previous;
        }
    }

    private void Process(Connection connection)
    {
        var state = connection.State;
        if ((state & (Pushing | InClosed | OutClosed)) == Pushing)
        {
            ProcessPush(connection, state);
        }
        else if ((state & (Pulling | InClosed | OutClosed)) == Pulling)
        {
            connection.State = state ^ PullEnd;
            _active = connection.OutOwner;
            connection.OutHandler.OnPull();
        }
        else if ((state & (InClosed | OutClosed)) == InClosed)
        {
            connection.State = state | OutClosed;
            var stage = connection.OutOwner;
            _active = stage;
            stage.OpenPorts--;
            connection.OutHandler.OnDownstreamFinish(connection.Cause!);
        }
        else if ((state & (InClosed | OutClosed)) == OutClosed)
        {
            if ((state & Pushing) != 0)
            {
                // The last element comes first; the end goes through the ring once more.
                try
                {
                    ProcessPush(connection, state);
                }
                finally
                {
                    Enqueue(connection);
                }

                return;
            }

            connection.State = state | InClosed;
            var stage = connection.InOwner;
            _active = stage;
            stage.OpenPorts--;
            if ((state & InFailed) == 0) connection.InHandler.OnUpstreamFinish();
            else connection.InHandler.OnUpstreamFailure(connection.Cause!);
        }
        else _active = connection.InOwner;
    }

    private void ProcessPush(Connection connection, int state)
    {
        connection.State = state ^ PushEnd;
        _active = connection.InOwner;
        connection.InHandler.OnPush();
    }

    private void Enqueue(Connection connection)
    {
        _ring[_tail] = connection;
        _tail = (_tail + 1) & _mask;
    }

    private void StopChasing()
    {
        _chaseBudget = 0;
        if (_chasedPush is { } push) Enqueue(push);
        if (_chasedPull is { } pull) Enqueue(pull);
        _chasedPush = _chasedPull = null;
    }

    private void ReportStageError(Exception cause)
    {
        StopChasing();
        var stage = _active!;
        if (stage.Attributes.GetAttribute<Attributes.LogLevels>()?.OnFailure != Attributes.LogLevels.Off)
            Log.Error(cause, "Error in stage [{0}]: {1}", stage.Name, cause.Message);
        stage.FailStage(cause);
    }

    private void AfterStageHasRun(GraphStageLogic logic)
    {
        if (logic.OpenPorts == 0 && !logic.KeepGoing && !logic.IsStopped)
        {
            _running--;
            Stop(logic);
        }
    }

    private void Stop(GraphStageLogic logic)
    {
        _active = logic;
        logic.IsStopped = true;
        try
        {
            logic.CallPostStop();
        }
        catch (Exception e)
        {
            Log.Error(e, "Error during PostStop in [{0}]: {1}", logic.Name, e.Message);
        }
    }
}
