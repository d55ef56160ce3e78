using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Transport.Tests;

/// <summary>
/// A server as small as one can be: answers each GET over HTTP/1.1 with a pod of the name that ends the path, and counts. What it costs is little beside what its
/// client costs.
/// </summary>
sealed class PodEcho : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    int _connections;
    long _requests;

    public PodEcho()
    {
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Connections => Volatile.Read(ref _connections);

    public long Requests => Interlocked.Read(ref _requests);

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        var request = new byte[4096];
        var answer = new byte[1024];
        var length = 0;
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(request.AsMemory(length), _stop.Token);
                if (count == 0) return;
                length += count;
                if (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8)) continue;
                Interlocked.Increment(ref _requests);
                await socket.SendAsync(answer.AsMemory(0, Answer(request.AsSpan(0, length), answer)), _stop.Token);
                length = 0;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // One end is gone.
        }
        finally
        {
            socket.Dispose();
        }
    }

    static int Answer(ReadOnlySpan<byte> request, Span<byte> answer)
    {
        var path = request[..request.IndexOf(" HTTP"u8)];
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        var before = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"""u8;
        var after = ""","namespace":"ns","resourceVersion":"1"}}"""u8;
        System.Text.Unicode.Utf8.TryWrite(answer, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {before.Length + name.Length + 2 + after.Length}\r\n\r\n", out var length);
        foreach (var part in (ReadOnlySpan<byte[]>)[before.ToArray(), [(byte)'"', .. name, (byte)'"'], after.ToArray()])
        {
            part.CopyTo(answer[length..]);
            length += part.Length;
        }
        return length;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }
}
