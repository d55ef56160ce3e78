#nullable disable
using System.Runtime.Serialization;
using Akka.Actor;

namespace Akka.Configuration;

/// <summary>A configuration is missing something, or has something nobody can honour.</summary>
public class ConfigurationException : AkkaException
{
    public ConfigurationException(string message) : base(message) { }

    public ConfigurationException(string message, Exception exception) : base(message, exception) { }

    /// <summary>The section that <typeparamref name="T"/> needs is not there.</summary>
    public static ConfigurationException NullOrEmptyConfig<T>(string path = null) =>
        path is null
            ? new ConfigurationException($"Failed to instantiate {typeof(T).Name}: its configuration is null or empty.")
            : new ConfigurationException($"Failed to instantiate {typeof(T).Name}: the configuration section '{path}' is null or empty.");
}
