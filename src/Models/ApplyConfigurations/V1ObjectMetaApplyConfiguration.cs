using System.Text.Json.Nodes;

namespace ActorKube.Models.ApplyConfigurations;

public sealed partial class V1ObjectMetaApplyConfiguration
{
    /// <summary>Says nothing yet.</summary>
    public V1ObjectMetaApplyConfiguration()
    {
    }

    /// <summary>Changes metadata that belongs to an object's configuration.</summary>
    internal V1ObjectMetaApplyConfiguration(JsonObject metadata) => Root = metadata;
}
