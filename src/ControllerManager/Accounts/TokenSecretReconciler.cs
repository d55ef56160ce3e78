using System.Collections.Concurrent;
using System.Text;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Fills secrets of the type <c>kubernetes.io/service-account-token</c>: with a token of the account that they name, whom to trust, and the namespace; and removes those whose account there is not.
/// </summary>
/// <param name="tokens">Who signs tokens.</param>
/// <param name="certificates">Whom to trust, as PEM; null where that is not known.</param>
internal sealed class TokenSecretReconciler(LegacyTokens tokens, string? certificates) : IReconciler<V1Secret>
{
    public const string Type = "kubernetes.io/service-account-token";

    private const string AccountName = "kubernetes.io/service-account.name";
    private const string AccountUid = "kubernetes.io/service-account.uid";
    private static readonly byte[] None = [];

    private readonly ConcurrentDictionary<NamespacedName, NamespacedName> _accounts = new();

    /// <summary>Notes whose token a secret is for; always worth a look.</summary>
    public bool Note(CacheChange change)
    {
        if (change.Now?.Annotations.GetValueOrDefault(AccountName) is { Length: > 0 } account)
        {
            _accounts[change.Key] = new NamespacedName(change.Key.Namespace, account);
        }
        else
        {
            _accounts.TryRemove(change.Key, out _);
        }
        return true;
    }

    /// <summary>The secrets for an account's tokens.</summary>
    public IEnumerable<NamespacedName> Of(KubeObject account)
    {
        var name = new NamespacedName(account.Namespace, account.Name);
        return _accounts.Where(a => a.Value == name).Select(a => a.Key);
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Secret> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null } secret || secret.GetAnnotation(AccountName) is not { Length: > 0 } name)
        {
            return ReconcileResult.Done;
        }
        var secrets = context.Client.Resource<V1Secret>(context.Key.Namespace);
        try
        {
            if (await AccountAsync(context, name, secret.GetAnnotation(AccountUid), cancellation).ConfigureAwait(false) is not { } account)
            {
                await secrets.DeleteAsync(context.Key.Name, new() { Uid = secret.Metadata.Uid }, cancellation).ConfigureAwait(false);
            }
            else if (Fill(secret, account))
            {
                await secrets.UpdateAsync(secret, cancellation: cancellation).ConfigureAwait(false);
            }
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound)
        {
            // What overtook it brings another run.
        }
        return ReconcileResult.Done;
    }

    /// <summary>The account, as the server has it: one that was made a moment ago may not be known here yet.</summary>
    private static async Task<V1ServiceAccount?> AccountAsync(ReconcileContext context, string name, string? uid, CancellationToken cancellation)
    {
        try
        {
            var found = await context.Client.Resource<V1ServiceAccount>(context.Key.Namespace).GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
            return string.IsNullOrEmpty(uid) || found.Metadata.Uid == uid ? found : null;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    private bool Fill(V1Secret secret, V1ServiceAccount account)
    {
        var data = secret.Data ??= new Dictionary<string, byte[]>();
        var authority = certificates is null ? null : Encoding.UTF8.GetBytes(certificates);
        var (needsAuthority, needsSpace, needsToken) = (authority is not null && !authority.AsSpan().SequenceEqual(Of("ca.crt")), Of("namespace").Length == 0, Of("token").Length == 0);
        if (!needsAuthority && !needsSpace && !needsToken)
        {
            return false;
        }
        if (needsAuthority)
        {
            data["ca.crt"] = authority!;
        }
        if (needsSpace)
        {
            data["namespace"] = Encoding.UTF8.GetBytes(secret.Metadata.NamespaceProperty);
        }
        if (needsToken)
        {
            data["token"] = Encoding.ASCII.GetBytes(tokens.For(account, secret));
        }
        secret.SetAnnotation(AccountUid, account.Metadata.Uid);
        return true;

        byte[] Of(string key) => data.TryGetValue(key, out var value) && value is not null ? value : None;
    }
}
