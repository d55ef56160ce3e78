using System.Buffers;

namespace ActorKube.Transport;

/// <summary>The body of an answer, whole, in a pooled array. Whoever reads it disposes it, and keeps nothing of it.</summary>
internal sealed class AnswerBody : IDisposable
{
    /// <summary>No object and no page of them comes near this; a server that sends more is not one.</summary>
    public const int Limit = 512 * 1024 * 1024;

    byte[] _bytes;
    readonly int _length;

    AnswerBody(byte[] bytes, int length) => (_bytes, _length) = (bytes, length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <param name="answer">The answer.</param>
    /// <param name="limit">How much is read at most.</param>
    /// <param name="cutsOff">Whether more than the limit is dropped, instead of an error.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The body is larger than the limit, or the connection broke.</exception>
    public static async ValueTask<AnswerBody> ReadAsync(HttpResponseMessage answer, int limit, bool cutsOff, CancellationToken cancellation)
    {
        var expected = answer.Content.Headers.ContentLength;
        // One byte more than expected, so that the end is seen without growing.
        var bytes = ArrayPool<byte>.Shared.Rent(expected is { } known && known < limit ? (int)known + 1 : 16 * 1024);
        var length = 0;
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            while (true)
            {
                if (length == bytes.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
                    bytes.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(bytes);
                    bytes = larger;
                }
                var count = await stream.ReadAsync(bytes.AsMemory(length), cancellation).ConfigureAwait(false);
                if (count == 0) return new AnswerBody(bytes, length);
                length += count;
                if (length <= limit) continue;
                if (cutsOff) return new AnswerBody(bytes, limit);
                throw new IOException($"The server's answer is larger than {limit / (1024 * 1024)} MiB; the connection is closed.");
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(bytes);
            throw;
        }
    }

    public void Dispose()
    {
        if (_bytes.Length == 0) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
