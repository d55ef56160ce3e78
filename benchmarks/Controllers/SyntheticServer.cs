using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Controllers;

/// <summary>
/// A server without a socket that answers every watch with initial objects and then with events, as fast as they are taken and no faster. Nothing but the client's own
/// side costs anything worth mentioning.
/// </summary>
/// <param name="objects">How many objects of each resource there are at the start.</param>
/// <param name="events">The events of a resource, after its initial objects: what happened, and to which object.</param>
/// <param name="mayGo">Says of an object whether its deletion may be told yet; null for always.</param>
internal sealed class SyntheticServer(int objects, IEnumerable<(string Type, int Object)> events, Func<int, bool>? mayGo = null) : HttpMessageHandler
{
    const int Flush = 64 * 1024;

    readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the events come; until then only the initial objects do.</summary>
    public void Go() => _go.TrySetResult();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var pipe = new Pipe();
        var resource = request.RequestUri!.AbsolutePath.Split('/')[^1];
        _ = WriteAsync(pipe.Writer, resource);
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()), RequestMessage = request };
        answer.Content.Headers.ContentType = new("application/json");
        return Task.FromResult(answer);
    }

    async Task WriteAsync(PipeWriter writer, string resource)
    {
        var kind = KindOf(resource);
        var version = 1L;
        for (var i = 0; i < objects; i++) await WriteAsync(writer, "ADDED", kind, i, version++);
        Write(writer, $$"""{"type":"BOOKMARK","object":{"kind":"{{kind}}","apiVersion":"bench.example.com/v1","metadata":{"resourceVersion":"{{version++}}","annotations":{"k8s.io/initial-events-end":"true"} } } }""");
        await writer.FlushAsync();
        await _go.Task;
        foreach (var (type, item) in events)
        {
            while (type == "DELETED" && mayGo?.Invoke(item) is false)
            {
                await writer.FlushAsync();
                await Task.Delay(1);
            }
            if ((await WriteAsync(writer, type, kind, item, version++)).IsCompleted) return;
        }
        await writer.FlushAsync();
    }

    static ValueTask<FlushResult> WriteAsync(PipeWriter writer, string type, string kind, int item, long version)
    {
        Write(writer, string.Create(CultureInfo.InvariantCulture,
            $$$"""{"type":"{{{type}}}","object":{"apiVersion":"bench.example.com/v1","kind":"{{{kind}}}","metadata":{"name":"item-{{{item:x}}}","namespace":"team-{{{item % 50}}}","uid":"00000000-0000-0000-0000-{{{item:x12}}}","resourceVersion":"{{{version}}}","generation":{{{version}}},"labels":{"app":"bench","shard":"{{{item % 16}}}"}},"spec":{"value":{{{version}}},"text":"{{{Text}}}"},"status":{"phase":"Ready"} } }"""));
        return writer.UnflushedBytes > Flush ? writer.FlushAsync() : default;
    }

    static void Write(PipeWriter writer, string line)
    {
        var length = Encoding.ASCII.GetBytes(line, writer.GetSpan(line.Length + 1));
        writer.Advance(length);
        writer.Write("\n"u8);
    }

    public static string KindOf(string resource) => "K" + resource[1..^1];

    static readonly string Text = new('x', 400);
}
