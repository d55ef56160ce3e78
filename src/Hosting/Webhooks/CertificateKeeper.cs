using System.Security.Cryptography;
using System.Text;
using ActorKube.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>
/// Sees to it that API servers know the webhooks and trust their certificate: makes and renews one of their own, and tells servers of it. Now and then it looks whether all is still so.
/// </summary>
sealed class CertificateKeeper(WebhookBuilder webhooks, WebhookServices services, ServingCertificate certificate, Uri listens, ILogger logger)
{
    readonly TimeProvider _time = services.Time;
    readonly WebhookClaim _mine = new(services.Time.GetUtcNow(), $"{Environment.MachineName}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
    readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    OwnCertificate? _held;
    WebhookRegistrar? _registrar;

    /// <summary>Ends once servers know all that they have to know.</summary>
    public Task Told => _told.Task;

    /// <summary>What keeps servers from asking the webhooks; null once they can.</summary>
    public string? Problem { get; private set; } = "the certificate is not made yet";

    /// <summary>Whether what was registered points to this process alone, so that it goes with it.</summary>
    bool EndsWithProcess => webhooks.Registration is { IsWhole: true } && !Address.IsService;

    // The first look needs a client, which may come with the rest of the host.
    WebhookRegistrar Registrar => _registrar ??= new WebhookRegistrar(services.Client, webhooks, _mine, logger);

    WebhookAddress Address => webhooks.Registration?.Address ?? webhooks.OwnCertificate?.Address ?? WebhookAddress.At(listens);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await CheckAsync(cancellation).ConfigureAwait(false);
                if (Problem is not null)
                    logger.LogInformation("API servers know the webhooks and trust their certificate");
                Problem = null;
                _told.TrySetResult();
            }
            catch (Exception problem) when (!cancellation.IsCancellationRequested)
            {
                if (Problem != problem.Message)
                    logger.LogWarning("Webhooks cannot be asked: {Problem} It is tried again each {Pause}", problem.Message, webhooks.Options.CertificateRetry);
                Problem = problem.Message;
            }
            await Task.Delay(Problem is null ? webhooks.Options.CertificateCheck : webhooks.Options.CertificateRetry, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One look at everything.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        var address = Address;
        var made = webhooks.OwnCertificate is { } own ? await TakeAsync(own, cancellation).ConfigureAwait(false) : null;
        // The first certificate is shown before servers are told of it, so that none asks in vain; a later one after, so that none meets an authority that it does not know.
        if (made is not null && !certificate.IsThere)
            certificate.Set(made.Certificate, made.Key);
        if (webhooks.Registration is { } registration)
        {
            var bundle = made is null ? null : Encoding.ASCII.GetBytes(made.Authorities);
            var registrar = Registrar;
            if (registration.IsWhole)
                await registrar.RegisterAsync(registration.Name, bundle is null ? address : address with { CaBundle = bundle }, cancellation).ConfigureAwait(false);
            else
                await registrar.InjectAsync(registration.Name, bundle!, cancellation).ConfigureAwait(false);
        }
        if (made is not null && made != _held)
            certificate.Set(made.Certificate, made.Key);
        _held = made;
    }

    /// <summary>Takes away what would point to a process that is gone, and leaves to others what they are, too.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        if (_registrar is null || webhooks.Registration is not { IsWhole: true } registration)
            return;
        try
        {
            if (EndsWithProcess)
                await _registrar.UnregisterAsync(registration.Name, cancellation).ConfigureAwait(false);
            else
                await _registrar.LeaveAsync(registration.Name, cancellation).ConfigureAwait(false);
        }
        catch (Exception failed) when (EndsWithProcess)
        {
            logger.LogWarning("The webhook configurations {Name} could not be taken away, and point to nothing now: {Problem}", registration.Name, failed.Message);
        }
        catch (Exception failed)
        {
            logger.LogInformation("The webhook configurations {Name} are kept by nobody until the next replica starts: {Problem}", registration.Name, failed.Message);
        }
    }

    async Task<OwnCertificate> TakeAsync(DeclaredCertificate own, CancellationToken cancellation)
    {
        // The address that it listens on beside the one that servers use: for who looks from where it runs.
        string[] hosts = [.. Address.HostNames.Append("localhost").Append("127.0.0.1").Distinct()];
        var now = _time.GetUtcNow();
        if (own.Secret is { } key)
            return await new CertificateSecret(services.Client, key, logger).TakeAsync(hosts, now, _held, cancellation).ConfigureAwait(false);
        return _held?.Problem(hosts, now) is null && _held is not null ? _held : OwnCertificate.Make(hosts, now, _held);
    }
}
