using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Transport;

/// <summary>
/// Decides whether a server's certificate is the cluster's: signed by the CA of the configuration and no other, valid now, made for the name. The machine's
/// trust store is neither asked nor changed. A CA file is read again when it changes.
/// </summary>
internal sealed class ServerTrust
{
    readonly string? _file;
    readonly string? _serverName;
    readonly TimeProvider _time;
    readonly TimeSpan _reload;
    readonly Lock _lock = new();
    X509Certificate2Collection _authorities;
    DateTime _stamp;
    long _lookedAt;

    /// <exception cref="KubeConfigException">There are no certificates in it.</exception>
    public ServerTrust(string? pem, string? file, string? serverName, TimeProvider time, TimeSpan reload)
    {
        (_file, _serverName, _time, _reload) = (pem is null ? file : null, serverName, time, reload);
        _lookedAt = time.GetTimestamp();
        if (_file is not null) _stamp = File.GetLastWriteTimeUtc(_file);
        _authorities = pem is not null ? Parse(pem, "certificate-authority-data") : ReadFile(_file!);
    }

    /// <summary>Why the last certificate was refused, for the message of the request that failed.</summary>
    public string? LastRefusal { get; private set; }

    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        LastRefusal = Refuse(certificate as X509Certificate2, chain, errors);
        return LastRefusal is null;
    }

    string? Refuse(X509Certificate2? certificate, X509Chain? received, SslPolicyErrors errors)
    {
        if (certificate is null) return "the server presented no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"the server's certificate is not for {_serverName ?? "the host of the address"} but for {Names(certificate)}: "
                + "use the name it is for, as the server's address or as tls-server-name";
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // A CA file may hold an intermediate alone, which kubectl trusts as it stands. So the chain may end anywhere, but must pass one of ours.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (received is not null) chain.ChainPolicy.ExtraStore.AddRange(received.ChainPolicy.ExtraStore);
        var built = chain.Build(certificate);
        if (built && chain.ChainElements.Any(element => IsOurs(element.Certificate))) return null;
        var problems = string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
        return $"the server's certificate (issued by {certificate.Issuer}, valid {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}) "
            + $"is not trusted by the cluster's certificate authority ({string.Join("; ", Authorities().Select(authority => authority.Subject).Take(3))}): {problems}";
    }

    bool IsOurs(X509Certificate2 certificate) =>
        Authorities().Any(authority => authority.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));

    X509Certificate2Collection Authorities()
    {
        if (_file is null) return _authorities;
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < _reload) return _authorities;
            _lookedAt = _time.GetTimestamp();
            var stamp = File.GetLastWriteTimeUtc(_file);
            if (stamp == _stamp) return _authorities;
            try
            {
                _authorities = ReadFile(_file);
                _stamp = stamp;
            }
            catch (KubeConfigException)
            {
                // Half written or gone for a moment: the certificates known so far stay, and the next look may see it whole.
            }
            return _authorities;
        }
    }

    static X509Certificate2Collection ReadFile(string path) =>
        Parse(ConfigurationFiles.ReadText(path, "certificate authority", "Correct certificate-authority: it names the file of the cluster's CA."), path);

    static X509Certificate2Collection Parse(string pem, string where)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new KubeConfigException(where, "a certificate in it is broken", "It must be PEM: BEGIN CERTIFICATE …", error);
        }
        return certificates.Count > 0 ? certificates
            : throw new KubeConfigException(where, "there is no certificate in it", "It must be PEM: BEGIN CERTIFICATE …");
    }

    static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())));
        var text = string.Join(", ", names.Take(10));
        return text.Length == 0 ? certificate.Subject : text;
    }
}
