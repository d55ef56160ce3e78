using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorKube.ControllerManager;

/// <summary>Signs certificates with an authority's key.</summary>
/// <param name="authority">The authority, with its key; asked for when the first certificate is to be signed.</param>
internal sealed class CertificateIssuer(Func<X509Certificate2> authority)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromHours(8);

    private readonly Lazy<X509Certificate2> _authority = new(authority);

    /// <summary>Signs what a request asks for: its subject and names, for the usages, and for no longer than a year or the authority itself.</summary>
    /// <returns>The certificate as PEM, in ASCII.</returns>
    public byte[] Sign(CertificateRequest asked, ICollection<string> usages, TimeSpan? wanted, DateTimeOffset now)
    {
        var request = new CertificateRequest(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256);
        var flags = (usages.Contains("digital signature") ? X509KeyUsageFlags.DigitalSignature : 0) | (usages.Contains("key encipherment") ? X509KeyUsageFlags.KeyEncipherment : 0);
        if (flags != 0)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        }
        var extended = new OidCollection();
        foreach (var (usage, oid) in (ReadOnlySpan<(string, string)>)[("client auth", "1.3.6.1.5.5.7.3.2"), ("server auth", "1.3.6.1.5.5.7.3.1")])
        {
            if (usages.Contains(usage))
            {
                extended.Add(new Oid(oid));
            }
        }
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(extended, false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority.Value, true, false));
        foreach (var name in asked.CertificateExtensions.Where(e => e.Oid?.Value == "2.5.29.17"))
        {
            request.CertificateExtensions.Add(name);
        }
        // Clocks differ by minutes: it is valid a little before now, and a short one all the same as long as was asked.
        var lasts = wanted is not { } time || time > Longest ? Longest : time < Shortest ? Shortest : time;
        var end = lasts < Short ? now + lasts : now - Backdate + lasts;
        var last = new DateTimeOffset(_authority.Value.NotAfter);
        // What is signed may have a key of another kind than the authority's.
        using var elliptic = _authority.Value.GetECDsaPrivateKey();
        using var rsa = _authority.Value.GetRSAPrivateKey();
        var signer = elliptic is not null ? X509SignatureGenerator.CreateForECDsa(elliptic)
            : rsa is not null ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : throw new NotSupportedException($"Certificates are signed with keys of EC or RSA; {nameof(ClusterControllersOptions.SigningAuthority)} gave an authority with neither.");
        using var signed = request.Create(_authority.Value.SubjectName, signer, now - Backdate, end < last ? end : last, RandomNumberGenerator.GetBytes(16));
        return Encoding.ASCII.GetBytes(signed.ExportCertificatePem() + "\n");
    }
}
