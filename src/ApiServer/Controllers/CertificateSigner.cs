using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Signs approved certificate requests of Kubernetes' own signers with the server's authority; approves those of kubelets for client certificates by itself; forgets requests after their time. Other signers are
/// somebody else's.
/// </summary>
internal sealed class CertificateSigner(ObjectService objects, Lazy<CertificateAuthority> authority, IAuthorizer authorizer, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private static readonly GroupResource Requests = new("certificates.k8s.io", "certificatesigningrequests");
    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");

    private ApiResource Row => objects.Table.Current.Find(Requests.Group, "v1", Requests.Resource)!;

    public Task RunAsync() => FollowAsync(objects.Cluster.Store(Requests), OnRequest);

    private void OnRequest(StoreEvent change)
    {
        if (change.Type == StoreEventType.Deleted || change.Object is not { Terminating: false } found)
        {
            return;
        }
        var tree = found.ToTree();
        if (change.Type == StoreEventType.Added || (Is(tree, "Approved") || Is(tree, "Denied")) != (change.Previous is { } before && before.ToTree() is var was && (Is(was, "Approved") || Is(was, "Denied"))))
        {
            // Decided ones are forgotten after an hour, others after a day.
            Later(TimeSpan.FromHours(Is(tree, "Approved") || Is(tree, "Denied") || Is(tree, "Failed") ? 1 : 24), () => Forget(found.Name, found.Uid));
        }
        if (Is(tree, "Denied") || Is(tree, "Failed") || !string.IsNullOrEmpty(tree.TextAt("status", "certificate")))
        {
            return;
        }
        if (Is(tree, "Approved"))
        {
            Sign(found.Name, tree);
        }
        else
        {
            Approve(found.Name, tree);
        }
    }

    private static bool Is(JsonObject request, string condition) => (request.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == condition && c.Text("status") is null or "True");

    private void Forget(string name, string uid)
    {
        if (Row.Store.Current.Get("", name)?.Uid == uid)
        {
            objects.Delete(Row, null, name, new DeleteOptions { Uid = uid }, Writer);
        }
    }

    /// <summary>A kubelet's request for a client certificate is approved where whoever asks may have it.</summary>
    private void Approve(string name, JsonObject tree)
    {
        if (tree.TextAt("spec", "signerName") != SignerRules.KubeletClient || SignerRules.Read(tree) is not { } request || SignerRules.Problem(SignerRules.KubeletClient, request, Usages(tree)) is not null)
        {
            return;
        }
        var asks = new UserInfo(tree.TextAt("spec", "username") ?? "", [.. (tree.At("spec", "groups") as JsonArray).Texts()]);
        var self = asks.Name == SignerRules.CommonName(request);
        var may = authorizer.Allows(new AccessAttributes(asks, "create", Requests.Group, Requests.Resource, self ? "selfnodeclient" : "nodeclient", "", "", null)).Allowed;
        if (may)
        {
            Say(name, "Approved", "AutoApproved", self ? "Auto approving self kubelet client certificate after SubjectAccessReview." : "Auto approving kubelet client certificate after SubjectAccessReview.", "approval");
        }
    }

    private static List<string> Usages(JsonObject tree) => [.. (tree.At("spec", "usages") as JsonArray).Texts()];

    private void Sign(string name, JsonObject tree)
    {
        var signer = tree.TextAt("spec", "signerName") ?? "";
        if (!SignerRules.IsOurs(signer))
        {
            return;
        }
        var request = SignerRules.Read(tree);
        var usages = Usages(tree);
        var problem = request is null ? "unable to parse csr" : SignerRules.Problem(signer, request, usages);
        if (problem is not null)
        {
            Say(name, "Failed", "SignerValidationFailure", problem, "status");
            return;
        }
        var pem = authority.Value.Sign(request!, usages, tree.LongAt("spec", "expirationSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null, Time.GetUtcNow());
        objects.Rewrite(Row, "", name, t =>
        {
            var before = t.Copy();
            t.Need("status")["certificate"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
            objects.FieldManagement.Updated(Row, t, before, Writer, "status");
        });
    }

    private void Say(string name, string type, string reason, string message, string subresource) => objects.Rewrite(Row, "", name, t =>
    {
        var before = t.Copy();
        var now = MetadataRules.Timestamp(Time.GetUtcNow());
        var status = t.Need("status");
        status["conditions"] = new JsonArray([.. status.List("conditions").Objects().Select(c => c.DeepClone()), new JsonObject
        {
            ["type"] = type, ["status"] = "True", ["reason"] = reason, ["message"] = message, ["lastUpdateTime"] = now, ["lastTransitionTime"] = now,
        }]);
        objects.FieldManagement.Updated(Row, t, before, Writer, subresource);
    });
}
