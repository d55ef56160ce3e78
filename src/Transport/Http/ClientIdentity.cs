using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Transport;

/// <summary>A client certificate with its key, ready for TLS.</summary>
internal sealed class ClientIdentity
{
    ClientIdentity(SslStreamCertificateContext context) => Context = context;

    /// <summary>What a handshake presents.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <param name="certificatePem">The certificate first, then what chains it.</param>
    /// <param name="keyPem">Its key: PKCS#1, SEC1 or PKCS#8, not encrypted.</param>
    /// <param name="where">What to call the place in messages.</param>
    /// <exception cref="KubeConfigException">Not PEM, a key of another certificate, or an encrypted key.</exception>
    public static ClientIdentity FromPem(string certificatePem, string keyPem, string where)
    {
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new KubeConfigException(where, "the client's private key is encrypted, and there is nobody to ask for its password",
                "Write it without a password ('openssl pkey -in KEY -out PLAIN') with permissions 0600, or use an exec plugin.");
        }
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            // TLS on Windows cannot use a key that lives in memory only; going through PKCS#12 gives it one it can.
            var certificate = OperatingSystem.IsWindows()
                ? X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(pair);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            if (chain.Count > 0) chain.RemoveAt(0);
            return new ClientIdentity(SslStreamCertificateContext.Create(certificate, chain, offline: true));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException(where, "the client's certificate and private key are not a pair in PEM",
                "Both must be PEM (BEGIN CERTIFICATE; BEGIN PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY) and belong together.", error);
        }
    }
}
