using ActorKube.Models;
using Akka.Hosting;

namespace OperatorSpace;

/// <summary>What the operator is made of.</summary>
// Its lease, in its own namespace, where several replicas run and one acts.
[RbacRule(Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = ["get", "create", "update"], Namespace = $"{Controllers.Name}-system")]
internal static class Controllers
{
    /// <summary>What the cluster knows the operator as; its manifests say so too.</summary>
    public const string Name = "operator-name";

    /// <summary>Adds the operator to an actor system: a line for each controller.</summary>
    public static AkkaConfigurationBuilder WithOperator(this AkkaConfigurationBuilder akka) => akka
        .WithSprocketController();
}
