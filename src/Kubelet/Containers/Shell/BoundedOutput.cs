namespace ActorKube.Kubelet;

/// <summary>Output kept in memory up to a bound; what goes beyond is dropped.</summary>
internal sealed class BoundedOutput(int limit) : MemoryStream
{
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Length < limit)
        {
            base.Write(buffer, offset, (int)Math.Min(count, limit - Length));
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }
}
