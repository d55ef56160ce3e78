using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ActorKube.Transport;

/// <summary>
/// A connection whose TLS handshake has a time limit of its own; .NET has one for dialling and handshake together. The framework tells that a handshake is over through its filter
/// of plain text, and names the connection only by the request for which it was made: by that, handshakes under way are known here.
/// </summary>
internal sealed class HandshakeStream : NetworkStream
{
    static readonly ConditionalWeakTable<HttpRequestMessage, HandshakeStream> UnderWay = [];

    readonly TimeSpan _limit;
    ITimer? _timer;
    volatile bool _isLate;

    public HandshakeStream(Socket socket, HttpRequestMessage request, TimeSpan limit, TimeProvider time) : base(socket, ownsSocket: true)
    {
        _limit = limit;
        UnderWay.AddOrUpdate(request, this);
        _timer = time.CreateTimer(static state => ((HandshakeStream)state!).GiveUp(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The handshake on the connection that was made for a request is over.</summary>
    public static void Over(HttpRequestMessage request)
    {
        if (!UnderWay.TryGetValue(request, out var stream)) return;
        UnderWay.Remove(request);
        stream.Disarm();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _timer is null ? base.ReadAsync(buffer, cancellationToken) : ReadInTimeAsync(buffer, cancellationToken);

    async ValueTask<int> ReadInTimeAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await base.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (Exception) when (_isLate)
        {
            throw Late();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _timer is null ? base.WriteAsync(buffer, cancellationToken) : WriteInTimeAsync(buffer, cancellationToken);

    async ValueTask WriteInTimeAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            await base.WriteAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (Exception) when (_isLate)
        {
            throw Late();
        }
    }

    TimeoutException Late() => new($"the TLS handshake was not over within {_limit.TotalSeconds:0.###} s");

    void GiveUp()
    {
        _isLate = true;
        Socket.Dispose();
    }

    void Disarm() => Interlocked.Exchange(ref _timer, null)?.Dispose();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Disarm();
        base.Dispose(disposing);
    }
}
