using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting;

/// <summary>Where webhooks listen, and what they bear. Bytes are counted as sent.</summary>
public sealed record WebhookOptions
{
    /// <summary>The address to listen on. Loopback unless said: in a pod, which API servers reach from outside, it is <see cref="IPAddress.Any"/> (or <c>0.0.0.0</c> in configuration).</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 9443;

    /// <summary>The longest AdmissionReview that is read: an API server takes objects of up to 3 MiB, a review has two of them, and something beside.</summary>
    public int MaxAdmissionBytes { get; init; } = 7 * 1024 * 1024;

    /// <summary>The longest ConversionReview that is read: an API server asks for all objects of a list at once.</summary>
    public int MaxConversionBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long an answer may take where the server does not say; API servers say, and wait for 30 s at most.</summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder with the certificate's files; null where <see cref="WebhookBuilder.UseOwnCertificate"/> makes one.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>The file in it that has the certificate, and what chains it, in PEM.</summary>
    public string CertificateFile { get; init; } = "tls.crt";

    /// <summary>The file in it that has the certificate's private key, in PEM.</summary>
    public string KeyFile { get; init; } = "tls.key";

    /// <summary>How often the files are looked at again.</summary>
    public TimeSpan CertificateReload { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a certificate of one's own is checked, and with it what API servers are told of it.</summary>
    public TimeSpan CertificateCheck { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after a failed check the next one comes.</summary>
    public TimeSpan CertificateRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What a section of the host's configuration says wins over what is here.</summary>
    /// <exception cref="OptionsValidationException">A key is unknown, or its value makes no sense.</exception>
    internal WebhookOptions Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var section = new OptionsSection(configuration, (configuration as IConfigurationSection)?.Path ?? "", problems);
        var read = this with
        {
            Address = section.Text(nameof(Address), Address)!,
            Port = section.Whole(nameof(Port), Port),
            MaxAdmissionBytes = section.Whole(nameof(MaxAdmissionBytes), MaxAdmissionBytes),
            MaxConversionBytes = section.Whole(nameof(MaxConversionBytes), MaxConversionBytes),
            DefaultTimeout = section.Time(nameof(DefaultTimeout), DefaultTimeout),
            CertificateFolder = section.Text(nameof(CertificateFolder), CertificateFolder),
            CertificateFile = section.Text(nameof(CertificateFile), CertificateFile)!,
            KeyFile = section.Text(nameof(KeyFile), KeyFile)!,
            CertificateReload = section.Time(nameof(CertificateReload), CertificateReload),
            CertificateCheck = section.Time(nameof(CertificateCheck), CertificateCheck),
            CertificateRetry = section.Time(nameof(CertificateRetry), CertificateRetry),
        };
        section.Done();
        foreach (var (key, problem) in read.Problems())
            section.Problem(key, problem);
        if (problems.Count > 0)
            throw new OptionsValidationException(nameof(WebhookOptions), typeof(WebhookOptions), problems);
        return read;
    }

    /// <exception cref="OptionsValidationException">A number makes no sense.</exception>
    internal void Validate()
    {
        if (Problems().Select(static problem => $"{nameof(WebhookOptions)}.{problem.Key}: {problem.Problem}").ToList() is { Count: > 0 } problems)
            throw new OptionsValidationException(nameof(WebhookOptions), typeof(WebhookOptions), problems);
    }

    IEnumerable<(string Key, string Problem)> Problems()
    {
        if (!IPAddress.TryParse(Address, out _))
            yield return (nameof(Address), $"'{Address}' is not an IP address, such as 127.0.0.1 or 0.0.0.0");
        if (Port is < 0 or > 65535)
            yield return (nameof(Port), $"{Port} is not a port; 0 takes a free one");
        if (MaxAdmissionBytes < 1024)
            yield return (nameof(MaxAdmissionBytes), $"{MaxAdmissionBytes} bytes hold no review");
        if (MaxConversionBytes < 1024)
            yield return (nameof(MaxConversionBytes), $"{MaxConversionBytes} bytes hold no review");
        foreach (var (key, time) in ((string, TimeSpan)[])[(nameof(DefaultTimeout), DefaultTimeout), (nameof(CertificateReload), CertificateReload), (nameof(CertificateCheck), CertificateCheck), (nameof(CertificateRetry), CertificateRetry)])
        {
            if (time <= TimeSpan.Zero)
                yield return (key, $"{time} is no time to wait: it has to be above zero");
        }
    }
}
