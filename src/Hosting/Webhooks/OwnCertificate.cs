using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Hosting;

/// <summary>A certificate for webhooks and the authority that signed it, all in PEM. Immutable.</summary>
/// <param name="Authorities">The certificates to trust: the authority's, and those of earlier ones while they last, since not all replicas change at once.</param>
/// <param name="AuthorityKey">The authority's private key.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">Its private key.</param>
sealed record OwnCertificate(string Authorities, string AuthorityKey, string Certificate, string Key)
{
    static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    static readonly TimeSpan Life = TimeSpan.FromDays(365);

    // Clocks differ.
    static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    // Never told to a log: the compiler's own text would show the keys.
    public override string ToString() => nameof(OwnCertificate);

    /// <summary>A certificate for hosts.</summary>
    /// <param name="hosts">Host names and IP addresses.</param>
    /// <param name="now">The time.</param>
    /// <param name="earlier">What there was: its authority signs again while it lasts; null for nothing.</param>
    public static OwnCertificate Make(IReadOnlyCollection<string> hosts, DateTimeOffset now, OwnCertificate? earlier = null)
    {
        using var authority = earlier?.Authority(now) ?? MakeAuthority(now);
        var authorities = earlier?.Authority(now) is { } kept ? Disposed(kept, earlier.Authorities) : authority.ExportCertificatePem() + "\n" + StillTrusted(earlier, now);
        using var authorityKey = authority.GetECDsaPrivateKey()!;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=actorkube-webhooks", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }
        request.CertificateExtensions.Add(names.Build());
        var until = now + Life < authority.NotAfter ? now + Life : authority.NotAfter;
        using var signed = request.Create(authority, now - Backdate, until, Serial());
        return new OwnCertificate(authorities, authorityKey.ExportPkcs8PrivateKeyPem(), signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Why it has to be made anew; null where it is good: whole, for these hosts, and with a third of its time before it.</summary>
    public string? Problem(IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Certificate, Key);
            using var authority = Authority(now);
            if (authority is null)
                return "its authority ends";
            if (!authority.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) || !IsSignedBy(certificate, authority, now))
                return "another authority signed it";
            if (EndsSoon(certificate, now))
                return "it ends";
            foreach (var host in hosts)
            {
                if (!certificate.MatchesHostname(host))
                    return $"it is not for {host}";
            }
            return null;
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            return "it is no certificate with its key";
        }
    }

    /// <summary>The authority with its key; null where it ends, or is none.</summary>
    X509Certificate2? Authority(DateTimeOffset now)
    {
        try
        {
            var authority = X509Certificate2.CreateFromPem(Authorities, AuthorityKey);
            return EndsSoon(authority, now) || authority.GetECDsaPrivateKey() is null ? Disposed<X509Certificate2?>(authority, null) : authority;
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    static X509Certificate2 MakeAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Authorities of one name would be taken for one another.
        var request = new CertificateRequest($"CN=actorkube-webhooks-ca-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - Backdate, now + AuthorityLife);
    }

    static string StillTrusted(OwnCertificate? earlier, DateTimeOffset now)
    {
        if (earlier is null)
            return "";
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(earlier.Authorities);
        }
        catch (CryptographicException)
        {
            return "";
        }
        // Two of them are enough: each lasts for years.
        return string.Concat(all.Where(authority => authority.NotAfter > now.LocalDateTime).Take(2).Select(static authority => authority.ExportCertificatePem() + "\n"));
    }

    static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority, DateTimeOffset now)
    {
        using var chain = new X509Chain
        {
            ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = now.LocalDateTime, VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid, DisableCertificateDownloads = true },
        };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return chain.Build(certificate);
    }

    static bool EndsSoon(X509Certificate2 certificate, DateTimeOffset now) => certificate.NotAfter - now.LocalDateTime < (certificate.NotAfter - certificate.NotBefore) / 3;

    static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return serial;
    }

    static T Disposed<T>(IDisposable used, T value)
    {
        used.Dispose();
        return value;
    }
}
