using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Hosting;

/// <summary>The certificate that handshakes show now. Set by one, read by any.</summary>
sealed class ServingCertificate
{
    static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile SslServerAuthenticationOptions? _options;

    /// <summary>Ends once there is one.</summary>
    public Task Taken => _taken.Task;

    /// <summary>Whether there is one.</summary>
    public bool IsThere => _options is not null;

    /// <summary>What the next handshake is done with.</summary>
    /// <exception cref="InvalidOperationException">There is no certificate yet.</exception>
    public SslServerAuthenticationOptions Handshake => _options ?? throw new InvalidOperationException("There is no certificate yet.");

    /// <summary>Takes another certificate, for the handshakes to come.</summary>
    /// <param name="certificatePem">The certificate first, then what chains it.</param>
    /// <param name="keyPem">Its key.</param>
    /// <exception cref="CryptographicException">It is no certificate with its key; the message quotes nothing of it.</exception>
    public void Set(string certificatePem, string keyPem)
    {
        try
        {
            // TLS on Windows cannot use a key that lives in memory only; going through PKCS#12 gives it one it can.
            using var pair = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            var certificate = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(pair);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            if (chain.Count > 0)
                chain.RemoveAt(0);
            _options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
                ApplicationProtocols = Protocols,
            };
            _taken.TrySetResult();
        }
        catch (ArgumentException)
        {
            throw new CryptographicException("There is no PEM certificate with its private key (BEGIN CERTIFICATE; BEGIN PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY).");
        }
    }
}
