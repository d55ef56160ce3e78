#nullable disable
using Akka.Configuration;

namespace Akka.Actor.Internal;

/// <summary>The phases of a coordinated shutdown, and their order: every phase comes after those it depends on.</summary>
internal sealed class ShutdownPhases
{
    private readonly Dictionary<string, Phase> _phases;

    public ShutdownPhases(Dictionary<string, Phase> phases)
    {
        _phases = phases;
        Ordered = Sort(phases);
    }

    public IReadOnlyList<string> Ordered { get; }

    public static ShutdownPhases Read(Config config)
    {
        var defaultTimeout = config.GetTimeSpan("default-phase-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        var phases = new Dictionary<string, Phase>();
        foreach (var (name, value) in config.GetConfig("phases").AsEnumerable())
        {
            var phase = value.IsObject() ? value.ToConfig() : Config.Empty;
            foreach (var (key, _) in phase.AsEnumerable())
            {
                if (key is not ("timeout" or "recover" or "depends-on"))
                    throw new ConfigurationException($"akka.coordinated-shutdown.phases.{name} has the setting '{key}': a phase has timeout, recover and depends-on.");
            }

            phases[name] = new Phase(
                phase.GetStringList("depends-on"),
                phase.GetTimeSpan("timeout", defaultTimeout, allowInfinite: false),
                phase.GetBoolean("recover", true));
        }

        return new ShutdownPhases(phases);
    }

    public bool Contains(string phase) => Ordered.Contains(phase);

    public bool TryGet(string phase, out Phase settings) => _phases.TryGetValue(phase, out settings);

    private static List<string> Sort(Dictionary<string, Phase> phases)
    {
        var ordered = new List<string>();
        var done = new HashSet<string>();
        var path = new List<string>();

        void Visit(string phase)
        {
            if (path.Contains(phase))
                throw new ArgumentException($"Cycle detected in graph of phases. It must be a DAG: phase [{phase}] depends transitively on itself ({string.Join(" -> ", path)} -> {phase}).");
            if (done.Contains(phase))
                return;
            path.Add(phase);
            if (phases.TryGetValue(phase, out var settings))
            {
                foreach (var before in settings.DependsOn)
                    Visit(before);
            }

            path.RemoveAt(path.Count - 1);
            done.Add(phase);
            ordered.Add(phase);
        }

        foreach (var phase in phases.Keys)
            Visit(phase);
        return ordered;
    }

    public sealed record Phase(IList<string> DependsOn, TimeSpan Timeout, bool Recover);
}
