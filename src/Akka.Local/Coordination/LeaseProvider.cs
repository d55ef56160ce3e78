#nullable disable
using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Coordination;

/// <summary>The leases of an actor system; asked twice for one lease and owner, it answers with the same instance.</summary>
public class LeaseProvider : IExtension
{
    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentDictionary<(string Lease, string Path, string Owner), Lazy<Lease>> _leases = new();

    public LeaseProvider(ExtendedActorSystem system) => _system = system;

    public static LeaseProvider Get(ActorSystem system) => system.WithExtension<LeaseProvider, LeaseProviderExtensionProvider>();

    /// <summary>A lease of the class that <c>lease-class</c> names in a section of the configuration, <c>akka.coordination.lease</c> being its fallback.</summary>
    /// <exception cref="ArgumentException">No class is named.</exception>
    public Lease GetLease(string leaseName, string configPath, string ownerName)
    {
        var lease = _leases.GetOrAdd((leaseName, configPath, ownerName), static (key, provider) => new Lazy<Lease>(() => provider.Make(key.Lease, key.Path, key.Owner)), this);
        return lease.Value;
    }

    private Lease Make(string leaseName, string configPath, string ownerName)
    {
        var config = _system.Settings.Config;
        var settings = LeaseSettings.Create(config.GetConfig(configPath).WithFallback(config.GetConfig("akka.coordination.lease")), leaseName, ownerName);
        var name = settings.LeaseConfig.GetString("lease-class");
        if (string.IsNullOrEmpty(name))
            throw new ArgumentException($"lease-class must not be empty: '{configPath}' names no class for the lease '{leaseName}'.", nameof(configPath));
        var type = Type.GetType(name, throwOnError: true)!;
        return (Lease)(type.GetConstructor([typeof(LeaseSettings), typeof(ExtendedActorSystem)]) is { } withSystem
            ? withSystem.Invoke([settings, _system])
            : Activator.CreateInstance(type, settings))!;
    }
}

public class LeaseProviderExtensionProvider : ExtensionIdProvider<LeaseProvider>
{
    public override LeaseProvider CreateExtension(ExtendedActorSystem system) => new(system);
}
