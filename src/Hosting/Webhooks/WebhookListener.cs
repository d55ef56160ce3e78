using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>Webhooks on an HTTPS listener of their own: begun before controllers start, whose lists may need a conversion, and ended after them.</summary>
sealed class WebhookListener : IHostedLifecycleService, IKubernetesWebhooks
{
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    readonly WebhookBuilder _webhooks;
    readonly WebhookServices _services;
    readonly WebhookAnswers _answers;
    readonly ServingCertificate _certificate = new();
    readonly ILogger _logger;
    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    OwnListener? _listener;
    CertificateFiles? _files;
    CertificateKeeper? _keeper;
    Task _keeping = Task.CompletedTask;
    volatile string? _problem = "they do not listen yet";

    public WebhookListener(IServiceProvider services, WebhookBuilder webhooks, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger("ActorKube.Webhooks");
        _webhooks = webhooks;
        _services = new WebhookServices(services);
        _answers = new WebhookAnswers(webhooks, _services, _logger);
    }

    public Uri? Address => _listener?.Address;

    public string? Problem => _problem ?? (_certificate.IsThere ? null : _files?.Problem) ?? _keeper?.Problem;

    public async Task WhenReadyAsync(CancellationToken cancellation = default)
    {
        await _listens.Task.WaitAsync(cancellation).ConfigureAwait(false);
        await Task.WhenAll(_certificate.Taken, _keeper?.Told ?? Task.CompletedTask).WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var options = _webhooks.Options;
        if (options.CertificateFolder is not null)
        {
            _files = new CertificateFiles(options, _certificate, _services.Time, _logger);
            if (!Directory.Exists(options.CertificateFolder))
                throw new DirectoryNotFoundException($"The webhooks' certificate is looked for in {options.CertificateFolder}, which is not there: mount it, or correct {nameof(WebhookOptions)}.{nameof(WebhookOptions.CertificateFolder)}.");
        }
        _listener = await OwnListener.StartAsync(
            new IPEndPoint(IPAddress.Parse(options.Address), options.Port), "Webhooks cannot be answered", $"{nameof(WebhookOptions)}.{nameof(WebhookOptions.Port)}",
            // Each webhook has a limit of its own, and says so in words.
            static limits => limits.MaxRequestBodySize = null,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(_certificate.Handshake) });
            },
            _answers.AnswerAsync, cancellationToken).ConfigureAwait(false);
        _problem = null;
        if (_webhooks.OwnCertificate is not null || _webhooks.Registration is not null)
            _keeper = new CertificateKeeper(_webhooks, _services, _certificate, _listener.Address, _logger);
        _listens.TrySetResult();
        _logger.LogInformation("Webhooks are answered on {Address}: {Paths}", Address, string.Join(", ", _answers.Paths.Order(StringComparer.Ordinal)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Everything that a webhook may ask for has started.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            _answers.Prepare();
        }
        catch
        {
            // A host that does not start is not told to stop either.
            await StoppedAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
        if (_keeper is not null)
            _keeping = Task.Run(() => _keeper.RunAsync(_stopping.Token), CancellationToken.None);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_keeper is null)
            return;
        using var patience = new CancellationTokenSource(Farewell, _services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await _keeper.EndAsync(both.Token).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // What controllers do at their end may need an answer.
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        _problem = "they listen no more";
        _files?.Dispose();
        if (_listener is not null)
            await _listener.StopAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>The listener of <see cref="KubernetesWebhookExtensions.AddKubernetesWebhooks(IServiceCollection, Action{WebhookBuilder})"/>, for who needs to know its port, or whether it can be asked.</summary>
public interface IKubernetesWebhooks
{
    /// <summary>Where it listens; null before the host starts.</summary>
    Uri? Address { get; }

    /// <summary>What keeps API servers from asking the webhooks, as <c>/readyz</c> tells it; null while nothing does.</summary>
    string? Problem { get; }

    /// <summary>Ends once API servers can ask: the webhooks listen, have a certificate, and servers have been told of them where that is this process's task.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    Task WhenReadyAsync(CancellationToken cancellation = default);
}
