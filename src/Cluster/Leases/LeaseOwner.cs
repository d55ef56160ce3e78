using System.Runtime.CompilerServices;
using Akka.Actor;

namespace ActorKube.Cluster;

/// <summary>Who holds the leases of an actor system's slices: one name a system, which no other process ever has.</summary>
static class LeaseOwner
{
    static readonly ConditionalWeakTable<ActorSystem, string> Owners = [];

    public static string Of(ActorSystem system) => Owners.GetValue(system, static s => $"{Environment.MachineName}_{s.Name}_{Guid.NewGuid():N}");
}
