using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What Kubernetes' own signers sign, and for what they refuse: the rules of the signers' documentation, in a real signer's words.</summary>
internal static class CertificateRules
{
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string KubeletServing = "kubernetes.io/kubelet-serving";
    private const string ClientAuth = "client auth";
    private const string ServerAuth = "server auth";
    private const string Signature = "digital signature";
    private const string Encipherment = "key encipherment";
    private const string AlternativeName = "2.5.29.17";

    public static bool IsOurs(string? signer) => signer is Client or KubeletClient or KubeletServing;

    /// <summary>The request as it was made; null where it cannot be read or its signature is not its key's.</summary>
    public static CertificateRequest? Read(V1CertificateSigningRequest request)
    {
        try
        {
            return CertificateRequest.LoadSigningRequestPem(Encoding.ASCII.GetString(request.Spec.Request ?? []), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Why a signer refuses a request; null where it does not.</summary>
    public static string? Problem(string signer, CertificateRequest request, ICollection<string> usages)
    {
        if (signer == Client)
        {
            return usages.FirstOrDefault(u => u is not (ClientAuth or Signature or Encipherment)) is { } wrong ? $"invalid usage for client certificate: {wrong}"
                : usages.Contains(ClientAuth) ? null : $"missing required usage for client certificate: {ClientAuth}";
        }
        if (Parts(request, "2.5.4.10") is not ["system:nodes"])
        {
            return "subject organization is not system:nodes";
        }
        var names = AlternativeNames(request);
        var needed = signer == KubeletClient ? ClientAuth : ServerAuth;
        var refused = signer == KubeletClient
            ? names switch { { Dns: true } => "DNS subjectAltNames are not allowed", { Email: true } => "Email subjectAltNames are not allowed", { Ip: true } => "IP subjectAltNames are not allowed", { Uri: true } => "URI subjectAltNames are not allowed", _ => null }
            : names switch { { Dns: false, Ip: false } => "DNS or IP subjectAltName is required", { Email: true } => "Email subjectAltNames are not allowed", { Uri: true } => "URI subjectAltNames are not allowed", _ => null };
        return refused
            ?? (usages.Contains(needed) && usages.Contains(Signature) && usages.All(u => u == needed || u is Signature or Encipherment) ? null
                : $"usages did not match [{string.Join(' ', ((string[])[needed, Signature, Encipherment]).Order(StringComparer.Ordinal))}]")
            ?? (CommonName(request).StartsWith("system:node:", StringComparison.Ordinal) ? null : "subject common name does not begin with system:node:");
    }

    public static string CommonName(CertificateRequest request) => Parts(request, "2.5.4.3").FirstOrDefault() ?? "";

    private static List<string> Parts(CertificateRequest request, string oid) =>
        [.. request.SubjectName.EnumerateRelativeDistinguishedNames().Where(p => !p.HasMultipleElements && p.GetSingleElementType().Value == oid).Select(p => p.GetSingleElementValue() ?? "")];

    /// <summary>Which kinds of names a request asks for beside its subject.</summary>
    private static (bool Email, bool Dns, bool Uri, bool Ip) AlternativeNames(CertificateRequest request)
    {
        var found = (Email: false, Dns: false, Uri: false, Ip: false);
        if (request.CertificateExtensions.FirstOrDefault(e => e.Oid?.Value == AlternativeName) is not { } extension)
        {
            return found;
        }
        var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            var kind = reader.PeekTag().TagValue;
            reader.ReadEncodedValue();
            found = (found.Email || kind == 1, found.Dns || kind == 2, found.Uri || kind == 6, found.Ip || kind == 7);
        }
        return found;
    }
}
