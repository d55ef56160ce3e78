using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting;

/// <summary>Where a worker tells of its health and its metrics.</summary>
public sealed class KubernetesEndpointOptions
{
    /// <summary>The address to listen on. Loopback unless said: a pod whose kubelet is to ask needs <see cref="IPAddress.Any"/> (or <c>0.0.0.0</c> in configuration).</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>Meters to tell of beside ActorKube's own, see <see cref="PrometheusMetrics(IEnumerable{string})"/>.</summary>
    public IList<string> Meters { get; } = [];

    /// <summary>What a section of the host's configuration says wins over what is here.</summary>
    /// <exception cref="OptionsValidationException">A key is unknown, or its value makes no sense.</exception>
    internal void Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var section = new OptionsSection(configuration, (configuration as IConfigurationSection)?.Path ?? "", problems);
        Address = section.Text(nameof(Address), Address)!;
        Port = section.Whole(nameof(Port), Port);
        if (!IPAddress.TryParse(Address, out _))
            section.Problem(nameof(Address), $"'{Address}' is not an IP address, such as 127.0.0.1 or 0.0.0.0");
        if (Port is < 0 or > 65535)
            section.Problem(nameof(Port), $"{Port} is not a port; 0 takes a free one");
        section.Done();
        if (problems.Count > 0)
            throw new OptionsValidationException(nameof(KubernetesEndpointOptions), typeof(KubernetesEndpointOptions), problems);
    }
}
