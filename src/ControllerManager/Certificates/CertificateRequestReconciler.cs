using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Signs approved certificate requests of Kubernetes' own signers; approves those of kubelets for client certificates by itself, where who asks may have them; forgets requests after their time. Other signers are somebody else's.
/// </summary>
/// <param name="options">The clock.</param>
/// <param name="issuer">Who signs; null where nobody does.</param>
internal sealed class CertificateRequestReconciler(ClusterControllersOptions options, CertificateIssuer? issuer) : IReconciler<V1CertificateSigningRequest>
{
    private static readonly TimeSpan DecidedStay = TimeSpan.FromHours(1);
    private static readonly TimeSpan PendingStay = TimeSpan.FromHours(24);

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1CertificateSigningRequest> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null } request)
        {
            return ReconcileResult.Done;
        }
        var now = options.Time.GetUtcNow();
        var left = Ends(request) - now.UtcDateTime;
        try
        {
            if (left <= TimeSpan.Zero)
            {
                await context.Client.Resource<V1CertificateSigningRequest>().DeleteAsync(context.Key.Name, new() { Uid = request.Metadata.Uid }, cancellation).ConfigureAwait(false);
                return ReconcileResult.Done;
            }
            if (request.Status?.Certificate is not { Length: > 0 } && !Has(request, "Denied") && !Has(request, "Failed"))
            {
                await (Has(request, "Approved") ? SignAsync(context, request, now, cancellation) : ApproveAsync(context, request, cancellation)).ConfigureAwait(false);
            }
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound)
        {
            // What overtook it brings another run.
        }
        return left is { } stays ? ReconcileResult.RequeueAfter(stays) : ReconcileResult.Done;
    }

    /// <summary>
    /// When a request is forgotten: decided ones an hour after that or with their certificate, others a day after they were made; null while one waits for a signature that it may still get.
    /// </summary>
    private static DateTime? Ends(V1CertificateSigningRequest request)
    {
        if (request.Status?.Conditions is not { Count: > 0 } conditions)
        {
            return request.Metadata.CreationTimestamp + PendingStay;
        }
        var issued = request.Status.Certificate is { Length: > 0 };
        var ends = conditions.Where(c => c.Type is "Denied" or "Failed" || (c.Type == "Approved" && issued)).Select(c => c.LastUpdateTime + DecidedStay).OfType<DateTime>().ToList();
        if (issued && Expires(request.Status.Certificate) is { } expires)
        {
            ends.Add(expires);
        }
        return ends.Count > 0 ? ends.Min() : null;
    }

    private static DateTime? Expires(byte[] pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            return certificate.NotAfter.ToUniversalTime();
        }
        catch (CryptographicException)
        {
            // Another signer's, that says so in a way of its own.
            return null;
        }
    }

    private static bool Has(V1CertificateSigningRequest request, string condition) => request.Status?.Conditions?.Any(c => c.Type == condition && c.Status is null or "" or "True") is true;

    private async Task SignAsync(ReconcileContext<V1CertificateSigningRequest> context, V1CertificateSigningRequest request, DateTimeOffset now, CancellationToken cancellation)
    {
        if (issuer is null || !CertificateRules.IsOurs(request.Spec.SignerName) || CertificateRules.Read(request) is not { } asked)
        {
            return;
        }
        var usages = request.Spec.Usages ?? [];
        if (CertificateRules.Problem(request.Spec.SignerName, asked, usages) is { } problem)
        {
            request.Status.Conditions.Add(new V1CertificateSigningRequestCondition { Type = "Failed", Status = "True", Reason = "SignerValidationFailure", Message = problem, LastUpdateTime = now.UtcDateTime });
        }
        else
        {
            request.Status.Certificate = issuer.Sign(asked, usages, request.Spec.ExpirationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, now);
        }
        await context.Client.Resource<V1CertificateSigningRequest>().UpdateStatusAsync(request, cancellation: cancellation).ConfigureAwait(false);
    }

    private static async Task ApproveAsync(ReconcileContext<V1CertificateSigningRequest> context, V1CertificateSigningRequest request, CancellationToken cancellation)
    {
        if (request.Spec.SignerName != CertificateRules.KubeletClient || CertificateRules.Read(request) is not { } asked
            || CertificateRules.Problem(CertificateRules.KubeletClient, asked, request.Spec.Usages ?? []) is not null)
        {
            return;
        }
        var who = request.Spec.Username == CertificateRules.CommonName(asked) && await MayAsync(context, request, "selfnodeclient", cancellation).ConfigureAwait(false) ? "self kubelet"
            : await MayAsync(context, request, "nodeclient", cancellation).ConfigureAwait(false) ? "kubelet" : null;
        if (who is null)
        {
            return;
        }
        ((request.Status ??= new()).Conditions ??= []).Add(new V1CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "AutoApproved", Message = $"Auto approving {who} client certificate after SubjectAccessReview." });
        await context.Client.Resource<V1CertificateSigningRequest>().UpdateAsync(request, subresource: "approval", cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether who asked may be given such a certificate.</summary>
    private static async Task<bool> MayAsync(ReconcileContext context, V1CertificateSigningRequest request, string subresource, CancellationToken cancellation) =>
        (await context.Client.Resource<V1SubjectAccessReview>().CreateAsync(
            new V1SubjectAccessReview
            {
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = request.Spec.Username, Uid = request.Spec.Uid, Groups = request.Spec.Groups, Extra = request.Spec.Extra,
                    ResourceAttributes = new V1ResourceAttributes { Verb = "create", Group = "certificates.k8s.io", Version = "*", Resource = "certificatesigningrequests", Subresource = subresource },
                },
            },
            cancellation: cancellation).ConfigureAwait(false)).Status?.Allowed is true;
}
