namespace ActorKube.Transport;

/// <summary>When credentials are read again, and how long a program that gives them may take. Numbers are client-go's.</summary>
public sealed record CredentialSettings
{
    /// <summary>How long a token that was read from a file is believed.</summary>
    public TimeSpan TokenFileLife { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long before its end a token (from a file, or of OIDC) is no longer used but renewed.</summary>
    public TimeSpan TokenLeeway { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the files of the client's certificate and of the CA are looked at for a change.</summary>
    public TimeSpan CertificateReload { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an exec plugin may take before it is stopped: long enough for somebody to log in. (ActorKube's own: kubectl waits for ever; the C# client two minutes.)</summary>
    public TimeSpan ExecTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TokenLeeway, TimeSpan.Zero);
        if (TokenFileLife <= TokenLeeway)
            throw new ArgumentOutOfRangeException(nameof(TokenFileLife), TokenFileLife, $"It must be longer than TokenLeeway ({TokenLeeway}), or the file would be read for each request.");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CertificateReload, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ExecTimeout, TimeSpan.Zero);
    }
}
