using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Transport.Tests;

/// <summary>A CA made for one test, and certificates it signs.</summary>
sealed class TestAuthority
{
    readonly X509Certificate2 _certificate;

    public TestAuthority(string name = "test-ca")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public string Pem => _certificate.ExportCertificatePem();

    public X509Certificate2 IssueServer(params string[] names)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            if (System.Net.IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return Sign(request).CopyWithPrivateKey(key);
    }

    public X509Certificate2 IssueClient(string user, AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa ? new CertificateRequest($"CN={user}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={user}", (ECDsa)key, HashAlgorithmName.SHA256);
        return Sign(request);
    }

    X509Certificate2 Sign(CertificateRequest request) =>
        request.Create(_certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_certificate.GetECDsaPrivateKey()!),
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(7), RandomNumberGenerator.GetBytes(8));
}
