namespace ActorKube.Transport;

/// <summary>Where the value of the Authorization header comes from. Thread-safe: all requests of a client ask the same source.</summary>
internal interface ITokenSource : IDisposable
{
    /// <summary>The credential to send now; null for none.</summary>
    /// <exception cref="KubeConfigException">There is none to be had.</exception>
    ValueTask<AuthenticationHeader?> GetAsync(CancellationToken cancellation);

    /// <summary>The server answered 401 to this credential; null where there was none in the header, as with a plugin that gives certificates.</summary>
    /// <returns>Whether asking again may give another one.</returns>
    bool Rejected(AuthenticationHeader? header);

    /// <summary>Whether what it gave last is a client certificate, which belongs to the connection.</summary>
    bool GivesCertificates => false;
}

/// <summary>An Authorization header, ready to send. Never printed.</summary>
internal sealed class AuthenticationHeader(string value)
{
    public string Value => value;

    public static AuthenticationHeader Bearer(string token) => new("Bearer " + token);

    public override string ToString() => "(hidden)";
}

/// <summary>A credential that never changes.</summary>
internal sealed class FixedTokenSource(AuthenticationHeader header) : ITokenSource
{
    public ValueTask<AuthenticationHeader?> GetAsync(CancellationToken cancellation) => new(header);

    public bool Rejected(AuthenticationHeader? rejected) => false;

    public void Dispose() { }
}
