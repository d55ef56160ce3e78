namespace ActorKube.ControllerManager;

/// <summary>How many nodes are lost at once, in a node's zone and in all: where it is too many, the fault is rather between them and the controllers.</summary>
/// <param name="Zone">Nodes in the zone.</param>
/// <param name="Unready">Those of them that are lost.</param>
/// <param name="All">Nodes in all.</param>
/// <param name="AllUnready">Those of them that are lost.</param>
internal readonly record struct ZoneState(int Zone, int Unready, int All, int AllUnready)
{
    private const double Unhealthy = 0.55;
    private const int Large = 50;

    /// <summary>Whether pods may be driven from nodes of the zone.</summary>
    public bool IsCalm => !(Unready < Zone && Unready > 2 && (double)Unready / Zone >= Unhealthy) || Zone > Large;

    /// <summary>Whether all nodes of the cluster are lost.</summary>
    public bool IsLost => All > 0 && AllUnready == All;
}
