#nullable disable
namespace Akka.Actor;

/// <summary>Makes deciders.</summary>
public static class Decider
{
    public static LocalOnlyDecider From(Func<Exception, Directive> localOnlyDecider) => new(localOnlyDecider);

    /// <summary>Decides by the first pair whose type the exception has, else by <paramref name="defaultDirective"/>.</summary>
    public static DeployableDecider From(Directive defaultDirective, params KeyValuePair<Type, Directive>[] pairs) => new(defaultDirective, pairs);

    public static DeployableDecider From(Directive defaultDirective, IEnumerable<KeyValuePair<Type, Directive>> pairs) => new(defaultDirective, pairs);
}

/// <summary>A decider that is a function.</summary>
public class LocalOnlyDecider(Func<Exception, Directive> decider) : IDecider
{
    public Directive Decide(Exception cause) => decider(cause);
}

/// <summary>A decider that is a table.</summary>
public class DeployableDecider : IDecider, IEquatable<DeployableDecider>
{
    public DeployableDecider(Directive defaultDirective, params KeyValuePair<Type, Directive>[] pairs)
    {
        DefaultDirective = defaultDirective;
        Pairs = pairs;
    }

    public DeployableDecider(Directive defaultDirective, IEnumerable<KeyValuePair<Type, Directive>> pairs)
        : this(defaultDirective, pairs.ToArray()) { }

    protected DeployableDecider() { }

    public Directive DefaultDirective { get; private set; }

    public KeyValuePair<Type, Directive>[] Pairs { get; private set; }

    public Directive Decide(Exception cause)
    {
        foreach (var (type, directive) in Pairs ?? [])
        {
            if (type.IsInstanceOfType(cause))
                return directive;
        }

        return DefaultDirective;
    }

    public bool Equals(DeployableDecider other) =>
        other is not null && DefaultDirective == other.DefaultDirective && (Pairs ?? []).SequenceEqual(other.Pairs ?? []);

    public override bool Equals(object obj) => obj is DeployableDecider other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(DefaultDirective, Pairs?.Length);
}

/// <summary>Makes the pairs of a table.</summary>
public static class DirectiveExtensions
{
    public static KeyValuePair<Type, Directive> When<TException>(this Directive self) where TException : Exception => new(typeof(TException), self);
}

/// <summary>Makes the strategy of the guardians; named by <c>akka.actor.guardian-supervisor-strategy</c>.</summary>
public abstract class SupervisorStrategyConfigurator
{
    protected SupervisorStrategyConfigurator() { }

    public abstract SupervisorStrategy Create();

    /// <exception cref="Configuration.ConfigurationException">There is no such type.</exception>
    public static SupervisorStrategyConfigurator CreateConfigurator(string typeName)
    {
        var type = Util.TypeResolver.Find(typeName)
            ?? throw new Configuration.ConfigurationException($"akka.actor.guardian-supervisor-strategy is '{typeName}', which cannot be found. Name a SupervisorStrategyConfigurator with its assembly.");
        return (SupervisorStrategyConfigurator)Activator.CreateInstance(type);
    }
}

/// <summary>Gives <see cref="SupervisorStrategy.DefaultStrategy"/>.</summary>
public class DefaultSupervisorStrategy : SupervisorStrategyConfigurator
{
    public override SupervisorStrategy Create() => SupervisorStrategy.DefaultStrategy;
}

/// <summary>Gives <see cref="SupervisorStrategy.StoppingStrategy"/>.</summary>
public class StoppingSupervisorStrategy : SupervisorStrategyConfigurator
{
    public override SupervisorStrategy Create() => SupervisorStrategy.StoppingStrategy;
}
