using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>
/// Keeps a certificate as two files have it: looks at them now and then, and reads them again when they are others. What cannot be read leaves the earlier certificate in use.
/// </summary>
sealed class CertificateFiles : IDisposable
{
    readonly string _certificateFile;
    readonly string _keyFile;
    readonly ServingCertificate _certificate;
    readonly ILogger _logger;
    readonly Lock _lock = new();
    (string Certificate, string Key)? _current;
    (string Certificate, string Key)? _refused;
    ITimer? _timer;

    public CertificateFiles(WebhookOptions options, ServingCertificate certificate, TimeProvider time, ILogger logger)
    {
        (_certificateFile, _keyFile) = (Path.Combine(options.CertificateFolder!, options.CertificateFile), Path.Combine(options.CertificateFolder!, options.KeyFile));
        (_certificate, _logger) = (certificate, logger);
        Look();
        _timer = time.CreateTimer(static state => ((CertificateFiles)state!).Look(), this, options.CertificateReload, options.CertificateReload);
    }

    /// <summary>What keeps the files' certificate from being used; null while it is used.</summary>
    public string? Problem { get; private set; }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    void Look()
    {
        lock (_lock)
        {
            try
            {
                var read = (File.ReadAllText(_certificateFile), File.ReadAllText(_keyFile));
                if (read == _current || read == _refused)
                    return;
                // Certificate and key are two files, and may be caught between their two writes: the next look sees both.
                _refused = read;
                WebhookMetrics.CertificateReads.Add(1);
                _certificate.Set(read.Item1, read.Item2);
                (_current, _refused, Problem) = (read, null, null);
                _logger.LogInformation("Webhooks show the certificate of {File}", _certificateFile);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
            {
                WebhookMetrics.CertificateErrors.Add(1);
                var problem = $"{_certificateFile} and {_keyFile}: {error.Message}";
                if (problem != Problem)
                    _logger.LogWarning("{Problem} {Meanwhile}", problem, _certificate.IsThere ? "The earlier certificate stays in use." : "There is no certificate until they can be read.");
                Problem = problem;
            }
        }
    }
}
