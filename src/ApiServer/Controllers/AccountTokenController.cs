using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Fills secrets of the type <c>kubernetes.io/service-account-token</c>: with a token of the account that they name, whom to trust, and the namespace; and removes those whose account there is not.
/// </summary>
internal sealed class AccountTokenController(ObjectService objects, ServiceAccountTokens tokens, Lazy<string> authority, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private const string AccountName = "kubernetes.io/service-account.name";
    private const string AccountUid = "kubernetes.io/service-account.uid";
    private static readonly GroupResource Secrets = new("", "secrets");
    private static readonly GroupResource Accounts = new("", "serviceaccounts");
    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");

    public Task RunAsync() => Task.WhenAll(FollowAsync(objects.Cluster.Store(Secrets), OnSecret), FollowAsync(objects.Cluster.Store(Accounts), OnAccount));

    private void OnSecret(StoreEvent change)
    {
        if (change is { Type: not StoreEventType.Deleted, Object: { Terminating: false } found } && found.Field("type") == ServiceAccountTokens.SecretType)
        {
            Fill(found.Namespace, found.Name);
        }
    }

    /// <summary>An account that goes takes its tokens along.</summary>
    private void OnAccount(StoreEvent change)
    {
        if (change.Type == StoreEventType.Modified || change.Object is not { } account)
        {
            return;
        }
        foreach (var secret in objects.Cluster.Store(Secrets).Current.Enumerate(account.Namespace).Where(s => s.Field("type") == ServiceAccountTokens.SecretType).ToList())
        {
            Guarded(secret, s => Fill(s.Namespace, s.Name));
        }
    }

    private void Fill(string @namespace, string name)
    {
        var row = objects.Table.Current.Find("", "v1", "secrets")!;
        if (row.Store.Current.Get(@namespace, name) is not { Terminating: false } stored)
        {
            return;
        }
        var secret = stored.ToTree();
        var wanted = secret.TextAt("metadata", "annotations", AccountName) ?? "";
        var account = objects.Cluster.Store(Accounts).Current.Get(@namespace, wanted);
        if (account is null || (secret.TextAt("metadata", "annotations", AccountUid) is { Length: > 0 } uid && uid != account.Uid))
        {
            objects.Delete(row, @namespace, name, new DeleteOptions { Uid = stored.Uid }, Writer);
            return;
        }
        objects.Rewrite(row, @namespace, name, tree =>
        {
            var before = tree.Copy();
            var data = tree.Need("data");
            data["ca.crt"] = Encoded(authority.Value);
            data["namespace"] = Encoded(@namespace);
            if (string.IsNullOrEmpty(data.Text("token")))
            {
                data["token"] = Encoded(tokens.IssueLegacy(@namespace, account, stored));
            }
            tree.Metadata().Need("annotations")[AccountUid] = account.Uid;
            if (!JsonNode.DeepEquals(before, tree))
            {
                objects.FieldManagement.Updated(row, tree, before, Writer, null);
            }
        });
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
