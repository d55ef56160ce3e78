namespace ActorKube.Transport;

/// <summary>
/// The connections of one client. A new client certificate needs new connections: requests that start after a change go through a new pool, and the old one
/// is let go, so that requests under way end in peace while nothing new uses the old identity.
/// </summary>
internal sealed class RotatingHandler(ClientIdentitySource identities, Func<ClientIdentity?, SocketsHttpHandler> create) : HttpMessageHandler
{
    readonly Lock _lock = new();
    ClientIdentity? _identity;
    HttpMessageInvoker? _current;
    bool _disposed;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Current().SendAsync(request, cancellationToken);

    HttpMessageInvoker Current()
    {
        var identity = identities.Current;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is not null && ReferenceEquals(identity, _identity)) return _current;
            // Disposing a pool closes its idle connections; those in use are closed when their requests have ended.
            _current?.Dispose();
            _identity = identity;
            return _current = new HttpMessageInvoker(create(identity));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_lock)
            {
                _disposed = true;
                _current?.Dispose();
            }
        }
        base.Dispose(disposing);
    }
}
