using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>
/// A token in a file that somebody else rotates, such as the kubelet. Read again shortly before its time is over, and at once after a 401. A file that cannot be read
/// costs a warning while an older token is there.
/// </summary>
internal sealed partial class TokenFileSource(string path, string? fallback, CredentialSettings settings, TimeProvider time, ILogger logger) : ITokenSource
{
    readonly Lock _lock = new();
    AuthenticationHeader? _current = fallback is null ? null : AuthenticationHeader.Bearer(fallback);
    long _readAt;
    bool _hasRead;

    public ValueTask<AuthenticationHeader?> GetAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_hasRead || time.GetElapsedTime(_readAt) >= settings.TokenFileLife - settings.TokenLeeway) Read();
            return new(_current);
        }
    }

    public bool Rejected(AuthenticationHeader? header)
    {
        lock (_lock)
        {
            // Another caller has read a newer one already.
            if (!ReferenceEquals(header, _current)) return true;
            Read();
            return !ReferenceEquals(header, _current);
        }
    }

    void Read()
    {
        _readAt = time.GetTimestamp();
        _hasRead = true;
        try
        {
            var text = ConfigurationFiles.ReadText(path, "token file", "Name a file that holds a bearer token.").Trim();
            if (text.Length == 0) throw new KubeConfigException(path, "the token file is empty", "Write a bearer token into it.");
            if (!Credentials.IsHeaderSafe(text))
                throw new KubeConfigException(path, "the token file holds more than a token", "It must hold one bearer token and nothing else.");
            if (_current is null || _current.Value.AsSpan("Bearer ".Length) is var known && !known.SequenceEqual(text))
                _current = AuthenticationHeader.Bearer(text);
        }
        catch (KubeConfigException error) when (_current is not null)
        {
            LogStale(logger, path, error.Message);
        }
    }

    public void Dispose() { }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The token file {Path} could not be read again; the older token stays in use. {Reason}")]
    static partial void LogStale(ILogger logger, string path, string reason);
}
