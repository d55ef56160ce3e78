using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Cnat;

/// <summary>The definition of the kind <c>At</c>, as <c>crd/at.yaml</c> has it.</summary>
internal static class AtDefinition
{
    /// <summary>Reads the definition that this program carries.</summary>
    public static V1CustomResourceDefinition Load()
    {
        using var stream = typeof(AtDefinition).Assembly.GetManifestResourceStream("at.yaml")!;
        using var reader = new StreamReader(stream);
        return KubeYaml.Load<V1CustomResourceDefinition>(reader.ReadToEnd());
    }

    /// <summary>Creates the definition, or brings an existing one up to date.</summary>
    public static async Task InstallAsync(IKubernetesClient client, CancellationToken cancellation)
    {
        var definitions = client.Resource<V1CustomResourceDefinition>();
        await definitions.ApplyAsync(Load(), new ApplyOptions("cnat") { Force = true }, cancellation: cancellation);
    }
}
