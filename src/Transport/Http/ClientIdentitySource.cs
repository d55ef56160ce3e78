using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>The client's certificate as the configuration names it, read again when its files change (<see cref="CredentialSettings.CertificateReload"/>).</summary>
internal sealed partial class ClientIdentitySource
{
    readonly KubernetesClientConfiguration _configuration;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Lock _lock = new();
    ClientIdentity? _current;
    (DateTime Certificate, DateTime Key) _stamp;
    long _lookedAt;

    public ClientIdentitySource(KubernetesClientConfiguration configuration, TimeProvider time, ILogger logger)
    {
        (_configuration, _time, _logger) = (configuration, time, logger);
        _stamp = Stamp();
        _lookedAt = time.GetTimestamp();
        _current = Read();
    }

    bool IsFromFiles => _configuration is { ClientCertificatePem: null, ClientCertificateFile: not null } or { ClientKeyPem: null, ClientKeyFile: not null };

    /// <summary>The certificate to present now; the same instance while it has not changed.</summary>
    public ClientIdentity? Current
    {
        get
        {
            if (!IsFromFiles) return _current;
            lock (_lock)
            {
                if (_time.GetElapsedTime(_lookedAt) < _configuration.Credentials.CertificateReload) return _current;
                _lookedAt = _time.GetTimestamp();
                var stamp = Stamp();
                if (stamp == _stamp) return _current;
                try
                {
                    _current = Read();
                    _stamp = stamp;
                }
                catch (KubeConfigException error)
                {
                    // Certificate and key are two files, and may be caught between their two writes: the next look sees both.
                    LogStale(_logger, error.Message);
                }
                return _current;
            }
        }
    }

    /// <summary>Takes a certificate from elsewhere, such as an exec plugin.</summary>
    public void Set(ClientIdentity? identity)
    {
        lock (_lock) _current = identity;
    }

    ClientIdentity? Read()
    {
        var certificate = _configuration.ClientCertificatePem ?? ReadFile(_configuration.ClientCertificateFile, "client certificate");
        var key = _configuration.ClientKeyPem ?? ReadFile(_configuration.ClientKeyFile, "client key");
        if (certificate is null && key is null) return null;
        var where = _configuration.ClientCertificateFile ?? _configuration.ClientKeyFile ?? "client certificate";
        if (certificate is null || key is null)
            throw new KubeConfigException(where, "a client certificate and its key must come together", "Set the other one too.");
        return ClientIdentity.FromPem(certificate, key, where);
    }

    static string? ReadFile(string? path, string what) => path is null ? null : ConfigurationFiles.ReadText(path, what, $"Correct the path of the {what}.");

    (DateTime, DateTime) Stamp() => (Stamp(_configuration.ClientCertificateFile), Stamp(_configuration.ClientKeyFile));

    static DateTime Stamp(string? path) => path is null ? default : File.GetLastWriteTimeUtc(path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The client certificate could not be read again; the older one stays in use. {Reason}")]
    static partial void LogStale(ILogger logger, string reason);
}
