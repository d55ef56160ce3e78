using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>A connection in the making: known to both ends once every stage has been created.</summary>
internal sealed class Wire
{
    private GraphInterpreter? _inIsland;
    private GraphStageLogic? _in;
    private int _inPort;
    private GraphInterpreter? _outIsland;
    private GraphStageLogic? _out;
    private int _outPort;
    private Outlet? _outlet;
    private int _buffer;

    public void ConnectIn(GraphInterpreter island, GraphStageLogic logic, int port)
    {
        _inIsland = island;
        _in = logic;
        _inPort = port;
        _buffer = logic.Attributes.GetAttribute<Attributes.InputBuffer>()?.Max ?? 16;
    }

    public void ConnectOut(GraphInterpreter island, GraphStageLogic logic, int port, Outlet outlet, Attributes attributes)
    {
        _outIsland = island;
        _out = logic;
        _outPort = port;
        _outlet = outlet;
    }

    public void Connect(Materialization run)
    {
        if (_outIsland == _inIsland)
        {
            Link(run, _outIsland!, _out!, _outPort, _in!, _inPort);
            return;
        }

        var boundary = _outlet!.NewBoundary(_buffer);
        var producer = boundary.Producer;
        producer.Attributes = _out!.Attributes;
        producer.Ports = new Connection[1];
        _outIsland!.Add(producer);
        Link(run, _outIsland, _out, _outPort, producer, 0);

        var consumer = boundary.Consumer;
        consumer.Attributes = _in!.Attributes;
        consumer.Ports = new Connection[1];
        _inIsland!.Add(consumer);
        _inIsland.Inputs.Add(consumer);
        Link(run, _inIsland, consumer, 0, _in, _inPort);
    }

    private void Link(Materialization run, GraphInterpreter island, GraphStageLogic from, int outPort, GraphStageLogic to, int inPort)
    {
        var connection = _outlet!.NewConnection();
        connection.OutOwner = from;
        connection.InOwner = to;
        from.Attach(outPort, connection);
        to.Attach(inPort, connection);
        run.Count(island);
    }
}

/// <summary>Turns a blueprint into islands: creates the logics, then the connections, then starts one actor an island.</summary>
internal sealed class Materialization
{
    [ThreadStatic] private static GraphInterpreter? s_creating;

    private readonly ActorMaterializerImpl _materializer;
    private readonly IslandHost? _fuseInto;
    private readonly List<Wire> _wires = [];
    private readonly List<(GraphInterpreter Island, Attributes Attributes)> _islands = [];
    private readonly Dictionary<GraphInterpreter, int> _connections = [];

    public Materialization(ActorMaterializerImpl materializer, IslandHost? fuseInto, Attributes attributes)
    {
        _materializer = materializer;
        _fuseInto = fuseInto;
        Island = new GraphInterpreter(fuseInto ?? new IslandHost(materializer), materializer);
        _islands.Add((Island, attributes));
    }

    /// <summary>The island that stages are being added to.</summary>
    public GraphInterpreter Island { get; private set; }

    /// <summary>The island whose stage is being created on this thread, so that callbacks made in a constructor find it.</summary>
    public static GraphInterpreter? Creating => s_creating;

    public static Scope Enter(GraphInterpreter island)
    {
        var scope = new Scope(s_creating);
        s_creating = island;
        return scope;
    }

    public readonly ref struct Scope(GraphInterpreter? previous)
    {
        public void Dispose() => s_creating = previous;
    }

    public GraphInterpreter EnterIsland(Attributes attributes)
    {
        var enclosing = Island;
        Island = new GraphInterpreter(new IslandHost(_materializer), _materializer);
        _islands.Add((Island, attributes));
        return enclosing;
    }

    public void LeaveIsland(GraphInterpreter enclosing) => Island = enclosing;

    public Wire[] NewWires(int count)
    {
        var wires = new Wire[count];
        for (var i = 0; i < count; i++) _wires.Add(wires[i] = new Wire());
        return wires;
    }

    public void Count(GraphInterpreter island) => _connections[island] = _connections.GetValueOrDefault(island) + 1;

    public object? Run(Blueprint blueprint, Attributes attributes)
    {
        var value = blueprint.Materialize(this, attributes, [], []);
        foreach (var wire in _wires) wire.Connect(this);

        var number = _fuseInto is null ? _materializer.NextFlowNumber() : 0;
        var nr = 0;
        foreach (var (island, islandAttributes) in _islands)
        {
            if (island.IsEmpty) continue;
            island.Seal(_connections.GetValueOrDefault(island));
            island.Host.Add(island);
            if (island.Host != _fuseInto) _materializer.Start(island.Host, number, nr++, islandAttributes);
        }

        return value;
    }
}
