using ActorKube.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ActorKube.Hosting;

/// <summary>Which webhooks a process is, and where API servers find them.</summary>
public sealed class WebhookBuilder
{
    readonly List<DeclaredWebhook> _admission = [];
    readonly List<DeclaredConversion> _conversions = [];
    IConfiguration? _section;

    /// <summary>Where they listen, and what they bear.</summary>
    public WebhookOptions Options { get; private set; } = new();

    internal IReadOnlyList<DeclaredWebhook> Admission => _admission;

    internal IReadOnlyList<DeclaredConversion> Conversions => _conversions;

    internal DeclaredCertificate? OwnCertificate { get; private set; }

    internal DeclaredRegistration? Registration { get; private set; }

    /// <summary>Decides which objects of a kind may be made, changed or deleted. The class gets from the container what its constructor asks for; one instance serves all requests.</summary>
    /// <param name="change">Changes what API servers are told of the webhook, beside what <see cref="AdmissionWebhookAttribute"/> on the class says.</param>
    /// <typeparam name="T">The kind's class.</typeparam>
    /// <typeparam name="TValidator">Who decides.</typeparam>
    public WebhookBuilder WithValidator<T, TValidator>(Func<AdmissionWebhookSpec, AdmissionWebhookSpec>? change = null)
        where T : class
        where TValidator : class, IValidatingWebhook<T> =>
        WithAdmission(Changed(AdmissionWebhookSpec.Validating<T>(typeof(TValidator)), change), static services => AdmissionHandlers.Of((IValidatingWebhook<T>)Make<TValidator>(services)));

    /// <summary>Changes objects of a kind before they are stored. The class gets from the container what its constructor asks for; one instance serves all requests.</summary>
    /// <param name="change">Changes what API servers are told of the webhook, beside what <see cref="AdmissionWebhookAttribute"/> on the class says.</param>
    /// <typeparam name="T">The kind's class.</typeparam>
    /// <typeparam name="TMutator">Who changes.</typeparam>
    public WebhookBuilder WithMutator<T, TMutator>(Func<AdmissionWebhookSpec, AdmissionWebhookSpec>? change = null)
        where T : class
        where TMutator : class, IMutatingWebhook<T> =>
        WithAdmission(Changed(AdmissionWebhookSpec.Mutating<T>(typeof(TMutator)), change), static services => AdmissionHandlers.Of((IMutatingWebhook<T>)Make<TMutator>(services)));

    /// <summary>Fills in what objects of a kind leave out, before they are stored.</summary>
    /// <param name="fill">Fills in; called for many objects at once.</param>
    /// <param name="change">Changes what API servers are told of the webhook.</param>
    /// <typeparam name="T">The kind's class.</typeparam>
    /// <example><code>webhooks.WithDefaults&lt;CronTab>(tab => tab.Spec.Replicas ??= 1)</code></example>
    public WebhookBuilder WithDefaults<T>(Action<T> fill, Func<AdmissionWebhookSpec, AdmissionWebhookSpec>? change = null)
        where T : class =>
        WithAdmission(Changed(AdmissionWebhookSpec.Mutating<T>(), change), _ => AdmissionHandlers.Defaults(fill));

    /// <summary>Any admission webhook.</summary>
    /// <param name="spec">What API servers are told of it.</param>
    /// <param name="handler">Makes who answers; called once.</param>
    public WebhookBuilder WithAdmission(AdmissionWebhookSpec spec, Func<IServiceProvider, IAdmissionHandler> handler)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(handler);
        _admission.Add(new DeclaredWebhook(spec, handler));
        return this;
    }

    /// <summary>Converts custom resources between their versions, as a scheme's conversions say.</summary>
    /// <param name="scheme">Knows the kinds' versions, and the conversions between them.</param>
    /// <param name="path">The path that it is asked at.</param>
    public WebhookBuilder WithConversion(Scheme scheme, string path = "/convert")
    {
        ArgumentNullException.ThrowIfNull(scheme);
        _conversions.Add(new DeclaredConversion(scheme, path));
        return this;
    }

    /// <summary>The certificate is in files, such as those of a mounted Secret of cert-manager's: <c>tls.crt</c> and <c>tls.key</c>. They are read again when they change.</summary>
    /// <param name="folder">Where they are.</param>
    public WebhookBuilder UseCertificateFiles(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return With(options => options with { CertificateFolder = folder });
    }

    /// <summary>
    /// The process makes its certificate, and an authority for it, and renews both in time. What API servers are told of the authority is said with <see cref="RegisterAs"/> or
    /// <see cref="InjectInto"/>.
    /// </summary>
    /// <param name="address">Where API servers reach the webhooks; null for where they listen, for development.</param>
    /// <param name="secret">
    /// The Secret that holds the certificate, so that all replicas have the same; it is made where it is missing. Null keeps it in memory: enough for one process. Needs the rights to
    /// <c>get</c>, <c>create</c> and <c>update</c> it.
    /// </param>
    public WebhookBuilder UseOwnCertificate(WebhookAddress? address = null, NamespacedName? secret = null)
    {
        OwnCertificate = new DeclaredCertificate(address, secret);
        return this;
    }

    /// <summary>
    /// The process itself tells API servers of its webhooks: it applies a <c>ValidatingWebhookConfiguration</c> and a <c>MutatingWebhookConfiguration</c>, and the conversion in its kinds' definitions,
    /// and keeps them so. Those at an address outside of the cluster are taken away when the process stops.
    /// </summary>
    /// <param name="name">The name of both configurations.</param>
    /// <param name="address">Where API servers reach the webhooks, with the authority of their certificate; null for that of <see cref="UseOwnCertificate"/>.</param>
    public WebhookBuilder RegisterAs(string name, WebhookAddress? address = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Registration = new DeclaredRegistration(name, address, IsWhole: true);
        return this;
    }

    /// <summary>Somebody else has told API servers of the webhooks (as <c>actorkube generate crds</c> writes it), and the process puts the authority of its own certificate into that: <c>caBundle</c>.</summary>
    /// <param name="name">The name of the webhook configurations; the definitions of converted kinds are known.</param>
    public WebhookBuilder InjectInto(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Registration = new DeclaredRegistration(name, null, IsWhole: false);
        return this;
    }

    /// <summary>Changes any of the numbers.</summary>
    public WebhookBuilder With(Func<WebhookOptions, WebhookOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Options = change(Options);
        return this;
    }

    /// <summary>Settings from a section of the host's configuration, which win over what the program says.</summary>
    /// <param name="section">Such as <c>builder.Configuration.GetSection("Webhooks")</c>, with the keys of <see cref="WebhookOptions"/>.</param>
    public WebhookBuilder Bind(IConfiguration section)
    {
        _section = section;
        return this;
    }

    /// <summary>All has been said.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting makes no sense.</exception>
    /// <exception cref="ArgumentException">Webhooks make no sense side by side.</exception>
    internal void Finish()
    {
        if (_section is not null)
            Options = Options.Read(_section);
        Options.Validate();
        AdmissionWebhookSpec.Check(_admission.Select(static webhook => webhook.Spec));
        var paths = _admission.Select(static webhook => webhook.Spec.Path).Concat(_conversions.Select(static conversion => conversion.Path)).ToList();
        if (paths.GroupBy(static path => path).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Two webhooks are at {twice.Key}: give one of them another path.");
        if (paths.Count == 0)
            throw new ArgumentException("There is no webhook: say WithValidator, WithMutator, WithDefaults or WithConversion.");
    }

    /// <exception cref="ArgumentException">It does not fit together; says what to change.</exception>
    internal void CheckCertificate()
    {
        if (OwnCertificate is null == Options.CertificateFolder is null)
            throw new ArgumentException("Webhooks need one certificate: say UseCertificateFiles(folder), or UseOwnCertificate(address), and not both.");
        if (Registration is { IsWhole: false } && OwnCertificate is null)
            throw new ArgumentException("InjectInto is for UseOwnCertificate: nobody here knows the authority of a certificate in files.");
        if (Registration is { IsWhole: true, Address: null } && OwnCertificate is null)
            throw new ArgumentException("RegisterAs with a certificate in files needs the address: RegisterAs(name, WebhookAddress.Service(…) with { CaBundle = … }).");
    }

    static AdmissionWebhookSpec Changed(AdmissionWebhookSpec spec, Func<AdmissionWebhookSpec, AdmissionWebhookSpec>? change) => change?.Invoke(spec) ?? spec;

    static T Make<T>(IServiceProvider services)
        where T : class =>
        (T?)services.GetService(typeof(T)) ?? ActivatorUtilities.CreateInstance<T>(services);
}

/// <summary>An admission webhook, and who makes its handler.</summary>
sealed record DeclaredWebhook(AdmissionWebhookSpec Spec, Func<IServiceProvider, IAdmissionHandler> Make);

/// <summary>A conversion webhook.</summary>
sealed record DeclaredConversion(Scheme Scheme, string Path)
{
    /// <summary>The names of the definitions whose kinds it converts: custom resources of several versions.</summary>
    public IReadOnlyList<string> Definitions { get; } =
    [
        .. Scheme.Kinds.Where(static kind => kind.Group.Contains('.', StringComparison.Ordinal) && ResourceDefinition.ForBuiltIn(kind) is null)
            .GroupBy(static kind => kind.GroupKind).Where(static versions => versions.Count() > 1)
            .Select(versions => ResourceDefinition.For(Scheme.TypeOf(versions.First())!)).Select(static definition => $"{definition.Plural}.{definition.Kind.Group}").Distinct().Order(StringComparer.Ordinal),
    ];
}

/// <summary>A certificate that the process makes.</summary>
sealed record DeclaredCertificate(WebhookAddress? Address, NamespacedName? Secret);

/// <summary>What API servers are told of the webhooks: all, or the authority of their certificate alone.</summary>
sealed record DeclaredRegistration(string Name, WebhookAddress? Address, bool IsWhole);
