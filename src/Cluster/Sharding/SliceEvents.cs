namespace ActorKube.Cluster;

/// <summary>Published on a node's event stream: the node reconciles the keys of a slice from now on.</summary>
/// <param name="Controller">The sharded controller.</param>
/// <param name="Slice">The slice's number.</param>
public sealed record SliceTaken(string Controller, int Slice);

/// <summary>Published on a node's event stream: nothing of a slice runs on the node any more, or what still runs cannot write.</summary>
/// <param name="Controller">The sharded controller.</param>
/// <param name="Slice">The slice's number.</param>
public sealed record SliceLeft(string Controller, int Slice);
