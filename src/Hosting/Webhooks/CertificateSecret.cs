using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>A certificate of one's own that several replicas share: in a Secret, which whoever comes first makes, and whoever sees first that it has to be renewed renews.</summary>
sealed class CertificateSecret(IKubernetesClient client, NamespacedName key, ILogger logger)
{
    const string AuthoritiesKey = "ca.crt";
    const string AuthorityKeyKey = "ca.key";
    const string CertificateKey = "tls.crt";
    const string KeyKey = "tls.key";

    // Each round somebody else was faster, which happens once a replica.
    const int Rounds = 10;

    readonly IResourceClient<V1Secret> _secrets = client.Resource<V1Secret>(key.Namespace);

    /// <summary>The certificate that all replicas have.</summary>
    /// <param name="hosts">For which hosts.</param>
    /// <param name="now">The time.</param>
    /// <param name="held">What this replica has: it is put back where somebody took the Secret away.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KubernetesException">The server refuses.</exception>
    public async Task<OwnCertificate> TakeAsync(IReadOnlyCollection<string> hosts, DateTimeOffset now, OwnCertificate? held, CancellationToken cancellation)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                return await TryAsync(hosts, now, held, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException faster) when (round < Rounds && (faster.IsAlreadyExists || faster.IsConflict))
            {
                logger.LogDebug("Secret {Key}: another replica was faster", key);
            }
        }
    }

    async Task<OwnCertificate> TryAsync(IReadOnlyCollection<string> hosts, DateTimeOffset now, OwnCertificate? held, CancellationToken cancellation)
    {
        V1Secret? found = null;
        try
        {
            found = await _secrets.GetAsync(key.Name, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
        }
        var kept = found is null ? held : Read(found);
        var problem = kept is null ? "there is none" : kept.Problem(hosts, now);
        if (found is not null && problem is null)
            return kept!;
        var made = problem is null ? kept! : OwnCertificate.Make(hosts, now, kept);
        if (found is null)
        {
            found = new V1Secret
            {
                ApiVersion = "v1", Kind = "Secret", Type = "kubernetes.io/tls",
                Metadata = new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace, Labels = new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "actorkube" } },
            };
            Write(made, found);
            await _secrets.CreateAsync(found, cancellation: cancellation).ConfigureAwait(false);
        }
        else
        {
            Write(made, found);
            await _secrets.UpdateAsync(found, cancellation: cancellation).ConfigureAwait(false);
        }
        logger.LogInformation("Secret {Key} has a new certificate for webhooks: {Reason}", key, problem ?? "it was taken away");
        return made;
    }

    static OwnCertificate? Read(V1Secret secret)
    {
        string? Text(string name) => secret.Data?.TryGetValue(name, out var bytes) is true ? Encoding.UTF8.GetString(bytes) : null;
        return (Text(AuthoritiesKey), Text(AuthorityKeyKey), Text(CertificateKey), Text(KeyKey)) is (string authorities, string authorityKey, string certificate, string key)
            ? new OwnCertificate(authorities, authorityKey, certificate, key)
            : null;
    }

    static void Write(OwnCertificate made, V1Secret secret)
    {
        secret.Data ??= new Dictionary<string, byte[]>();
        foreach (var (name, pem) in ((string, string)[])[(AuthoritiesKey, made.Authorities), (AuthorityKeyKey, made.AuthorityKey), (CertificateKey, made.Certificate), (KeyKey, made.Key)])
            secret.Data[name] = Encoding.UTF8.GetBytes(pem);
    }
}
