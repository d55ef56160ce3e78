using System.Text;
using ActorKube.Transport;

namespace Transport.Tests;

/// <summary>A connection that is read in large pieces and handed on in small ones.</summary>
public sealed class ReadAheadTests
{
    [Fact]
    public async Task Bytes_come_in_order_however_they_are_asked_for_and_the_connection_is_read_once_a_piece()
    {
        var sent = new byte[200_000];
        new Random(7).NextBytes(sent);
        var connection = new ScriptedStream();
        foreach (var piece in sent.Chunk(40_000)) connection.Feed(piece);
        connection.End();
        await using var stream = new ReadAheadStream(connection);
        var came = new MemoryStream();
        var buffer = new byte[4096];
        for (var asked = 1; ; asked = asked % buffer.Length + 1)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, asked));
            if (count == 0) break;
            came.Write(buffer, 0, count);
        }
        Assert.Equal(sent, came.ToArray());
        Assert.Equal(6, connection.Reads);
    }

    [Fact]
    public async Task Nothing_is_read_before_somebody_asks()
    {
        var connection = new ScriptedStream().Feed("a");
        await using var stream = new ReadAheadStream(connection);
        Assert.Equal(0, connection.Reads);
    }

    [Fact]
    public async Task Empty_buffer_asks_whether_there_is_something_and_takes_nothing()
    {
        var connection = new ScriptedStream();
        await using var stream = new ReadAheadStream(connection);
        var waiting = stream.ReadAsync(Memory<byte>.Empty);
        Assert.False(waiting.IsCompleted);
        connection.Feed("abc");
        Assert.Equal(0, await waiting);
        var buffer = new byte[2];
        Assert.Equal(2, await stream.ReadAsync(buffer));
        var reads = connection.Reads;
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(reads, connection.Reads);
        Assert.Equal(1, await stream.ReadAsync(buffer));
        Assert.Equal("cb", Encoding.UTF8.GetString(buffer));
    }

    [Fact]
    public async Task Break_of_the_connection_comes_after_what_was_read_before_it()
    {
        var connection = new ScriptedStream().Feed("ab").End(new IOException("reset"));
        await using var stream = new ReadAheadStream(connection);
        var buffer = new byte[1];
        Assert.Equal(1, await stream.ReadAsync(buffer));
        Assert.Equal(1, await stream.ReadAsync(buffer));
        await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(buffer));
    }

    [Fact]
    public async Task Large_buffer_is_filled_by_the_connection_itself()
    {
        var connection = new ScriptedStream().Feed(new byte[100_000]);
        await using var stream = new ReadAheadStream(connection);
        var count = await stream.ReadAsync(new byte[128 * 1024]);
        Assert.Equal(100_000, count);
    }
}
