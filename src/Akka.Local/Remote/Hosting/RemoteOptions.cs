namespace Akka.Remote.Hosting;

/// <summary>Where a node listens, and how others reach it.</summary>
public class RemoteOptions
{
    /// <summary>The host to listen on; null for one that is found.</summary>
    public string? HostName { get; set; }

    /// <summary>The port to listen on; 0 takes a free one.</summary>
    public int? Port { get; set; }

    /// <summary>The host that others use, where it differs.</summary>
    public string? PublicHostName { get; set; }

    /// <summary>The port that others use, where it differs.</summary>
    public int? PublicPort { get; set; }
}
