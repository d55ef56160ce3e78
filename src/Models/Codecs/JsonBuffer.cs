using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorKube.Models;

/// <summary>
/// A JSON writer over a buffer, both reused by the thread that asks next: writing an object allocates its bytes alone.
/// </summary>
internal sealed class JsonBuffer : IDisposable
{
    // What a thread keeps for its next object; larger buffers are given up.
    private const int KeptCapacity = 1 << 20;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = KubeJson.MaxDepth };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? s_kept;

    private readonly ArrayBufferWriter<byte> _buffer;

    public JsonBuffer()
    {
        if (s_kept is { } kept)
        {
            (_buffer, Writer) = kept;
            s_kept = null;
            _buffer.ResetWrittenCount();
            Writer.Reset(_buffer);
        }
        else
        {
            _buffer = new ArrayBufferWriter<byte>(4096);
            Writer = new Utf8JsonWriter(_buffer, WriterOptions);
        }
    }

    public Utf8JsonWriter Writer { get; }

    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _buffer.WrittenSpan;
        }
    }

    public byte[] ToArray() => Written.ToArray();

    public void Dispose()
    {
        if (_buffer.Capacity <= KeptCapacity) s_kept = (_buffer, Writer);
    }
}
