using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using ActorKube.ApiServer;

namespace ApiServer.Tests.Support;

/// <summary>A SPDY/3.1 client frame by frame, which sends whatever a test wants.</summary>
internal sealed class RawSpdy : IAsyncDisposable
{
    public const ushort SynStream = 1, RstStream = 3, Ping = 6, GoAway = 7;

    private readonly TcpClient _client = new();
    private readonly SpdyHeaders _headers = new();
    private NetworkStream _stream = null!;

    private RawSpdy()
    {
    }

    public static async Task<RawSpdy> OpenAsync(Uri server, string path, string protocol)
    {
        var spdy = new RawSpdy();
        await spdy._client.ConnectAsync(server.Host, server.Port);
        spdy._stream = spdy._client.GetStream();
        await spdy._stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {protocol}\r\nContent-Length: 0\r\n\r\n"));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await spdy._stream.ReadExactlyAsync(one);
            answer.Append((char)one[0]);
        }
        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
        return spdy;
    }

    public Task OpenStreamAsync(uint id, params KeyValuePair<string, string>[] headers) =>
        ControlAsync(SynStream, [.. Number(id), .. Number(0), 0, 0, .. _headers.Write(headers)]);

    public Task ResetAsync(uint id) => ControlAsync(RstStream, [.. Number(id), .. Number(5)]);

    public async Task ControlAsync(ushort type, byte[] body) =>
        await _stream.WriteAsync((byte[])[.. Number(0x80030000 | type), .. Number((uint)body.Length), .. body]);

    public async Task DataAsync(uint id, byte[] bytes, bool last = false) =>
        await _stream.WriteAsync((byte[])[.. Number(id), .. Number((last ? 0x01000000u : 0) | (uint)bytes.Length), .. bytes]);

    /// <summary>The next frame: a control frame's type, or -1 and data; null where the connection has ended.</summary>
    public async Task<(int Type, uint Id, byte[] Body)?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var head = new byte[8];
        try
        {
            if (await _stream.ReadAtLeastAsync(head, 8, throwOnEndOfStream: false, limit.Token) < 8)
            {
                return null;
            }
            var first = BinaryPrimitives.ReadUInt32BigEndian(head);
            var body = new byte[BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)) & 0xFFFFFF];
            await _stream.ReadExactlyAsync(body, limit.Token);
            return (first & 0x80000000) == 0 ? (-1, first, body) : ((int)(first & 0xFFFF), body.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(body) : 0, body);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static byte[] Number(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
        _headers.Dispose();
    }
}
