using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Transport.Tests;

/// <summary>A SOCKS 5 proxy (RFC 1928, with RFC 1929's name and password where it is given one) that leads every way to one port of the loopback interface.</summary>
sealed class Socks5Proxy : IDisposable
{
    const byte Version = 5, None = 0, Password = 2, Refused = 0xFF, Connect = 1, DomainName = 3;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly int _port;
    readonly (string Name, string Password)? _known;

    public Socks5Proxy(int port, (string Name, string Password)? known)
    {
        (_port, _known) = (port, known);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where the client wanted to go, by the name that it said.</summary>
    public string? Target { get; private set; }

    async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using var closes = client;
        try
        {
            var near = client.GetStream();
            if (!await GreetAsync(near)) return;
            var head = await ReadAsync(near, 4);
            Assert.Equal([Version, Connect, None, DomainName], head);
            var name = Encoding.ASCII.GetString(await ReadAsync(near, (await ReadAsync(near, 1))[0]));
            var port = await ReadAsync(near, 2);
            Target = $"{name}:{port[0] << 8 | port[1]}";
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
            await near.WriteAsync(new byte[] { Version, 0, 0, 1, 127, 0, 0, 1, 0, 0 }, _stop.Token);
            await Task.WhenAny(near.CopyToAsync(far.GetStream(), _stop.Token), far.GetStream().CopyToAsync(near, _stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException)
        {
            // One end is gone.
        }
    }

    /// <returns>Whether the client may pass.</returns>
    async Task<bool> GreetAsync(NetworkStream near)
    {
        var methods = await ReadAsync(near, (await ReadAsync(near, 2))[1]);
        var method = _known is null ? None : Password;
        if (!methods.Contains(method))
        {
            await near.WriteAsync(new byte[] { Version, Refused }, _stop.Token);
            return false;
        }
        await near.WriteAsync(new byte[] { Version, method }, _stop.Token);
        if (_known is null) return true;
        var name = Encoding.UTF8.GetString(await ReadAsync(near, (await ReadAsync(near, 2))[1]));
        var password = Encoding.UTF8.GetString(await ReadAsync(near, (await ReadAsync(near, 1))[0]));
        var passes = (name, password) == _known;
        await near.WriteAsync(new byte[] { 1, passes ? (byte)0 : (byte)1 }, _stop.Token);
        return passes;
    }

    async Task<byte[]> ReadAsync(NetworkStream near, int count)
    {
        var bytes = new byte[count];
        await near.ReadExactlyAsync(bytes, _stop.Token);
        return bytes;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }
}
