using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What Kubernetes' own signers sign, and for what they refuse: the rules of the signers' documentation, in a real signer's words.</summary>
internal static class SignerRules
{
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string KubeletServing = "kubernetes.io/kubelet-serving";
    private const string AlternativeName = "2.5.29.17";

    public static bool IsOurs(string signer) => signer is Client or KubeletClient or KubeletServing;

    /// <summary>The request as it was made; null where it cannot be read or its signature is not its key's.</summary>
    public static CertificateRequest? Read(JsonObject request)
    {
        try
        {
            var pem = Encoding.ASCII.GetString(Convert.FromBase64String(request.TextAt("spec", "request") ?? ""));
            return CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
        }
        catch (Exception unreadable) when (unreadable is FormatException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Why a signer refuses a request; null where it does not.</summary>
    public static string? Problem(string signer, CertificateRequest request, IReadOnlyCollection<string> usages) => signer switch
    {
        Client => usages.Except(["client auth", "digital signature", "key encipherment"]).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } wrong ? $"invalid usage for client certificate: {wrong[0]}"
            : usages.Contains("client auth") ? null : "usages must include \"client auth\"",
        KubeletClient => Node(request) ?? (HasNames(request, out _, out _) ? "subjectAltNames are not allowed" : Usage(usages, "client auth")),
        _ => Node(request) ?? Serving(request) ?? Usage(usages, "server auth"),
    };

    private static string? Node(CertificateRequest request) =>
        Parts(request, "2.5.4.10") is not ["system:nodes"] ? "subject organization is not system:nodes"
        : !CommonName(request).StartsWith("system:node:", StringComparison.Ordinal) ? "subject common name does not begin with system:node:" : null;

    private static string? Usage(IReadOnlyCollection<string> usages, string needed) =>
        usages.Contains(needed) && usages.Contains("digital signature") && usages.All(u => u == needed || u is "digital signature" or "key encipherment") ? null
        : needed == "client auth" ? "usages did not match [\"client auth\" \"digital signature\"]" : "usages did not match [\"digital signature\" \"server auth\"]";

    private static string? Serving(CertificateRequest request) =>
        !HasNames(request, out var served, out var others) || !served ? "DNS or IP subjectAltName is required" : others ? "email and URI subjectAltNames are not allowed" : null;

    private static bool HasNames(CertificateRequest request, out bool served, out bool others)
    {
        (served, others) = (false, false);
        var extension = request.CertificateExtensions.FirstOrDefault(e => e.Oid?.Value == AlternativeName);
        if (extension is null)
        {
            return false;
        }
        var reader = new System.Formats.Asn1.AsnReader(extension.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            var kind = reader.PeekTag().TagValue;
            reader.ReadEncodedValue();
            served |= kind is 2 or 7;
            others |= kind is 1 or 6;
        }
        return served || others;
    }

    public static string CommonName(CertificateRequest request) => Parts(request, "2.5.4.3").FirstOrDefault() ?? "";

    private static List<string> Parts(CertificateRequest request, string oid) =>
        [.. request.SubjectName.EnumerateRelativeDistinguishedNames().Where(p => !p.HasMultipleElements && p.GetSingleElementType().Value == oid).Select(p => p.GetSingleElementValue() ?? "")];
}
