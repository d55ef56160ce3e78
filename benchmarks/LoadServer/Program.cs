using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ActorKube.Models;
using k8s.Models;
using LoadServer;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// LoadServer PORT OBJECTS EVENTS [json]
//   GET /api/v1/pods               the list of OBJECTS pods, whatever limit and version are asked for
//   GET /api/v1/pods?watch=true    EVENTS pods MODIFIED, in no order that a cache could profit from and each with a version of its own, then the pod
//                                  'sentinel' ADDED; the stream stays open. With sendInitialEvents=true: all pods ADDED and the bookmark that ends them, first.
//   GET /api/v1/namespaces/N/pods/P  one of the pods, whichever is asked for
// JSON, or protobuf where Accept asks for it (unless it was started with 'json': half the memory). Everything is made before the first request.
if (args is not [_, _, _] and not [_, _, _, "json"])
{
    Console.Error.WriteLine("usage: LoadServer PORT OBJECTS EVENTS [json]");
    return 2;
}
var port = int.Parse(args[0], CultureInfo.InvariantCulture);
var objects = int.Parse(args[1], CultureInfo.InvariantCulture);
var events = int.Parse(args[2], CultureInfo.InvariantCulture);
const int Namespaces = 50;
const long FirstVersion = 100_000_000, FirstChange = 500_000_000;
var listVersion = (FirstVersion + objects).ToString(CultureInfo.InvariantCulture);

static string Name(int index) => $"shop-7f9c6d5b4-{index:x5}";
// Made anew by each who asks: held as objects, 200,000 of them would take more than all they are written to.
IEnumerable<V1Pod> Listed() => Enumerable.Range(0, objects).Select(i => SamplePods.Create(Name(i), i, i % Namespaces, FirstVersion + i, 1));
IEnumerable<V1Pod> Changed() => Enumerable.Range(0, objects).Select(i => SamplePods.Create(Name(i), i, i % Namespaces, FirstChange + i, 2));
var sentinel = SamplePods.Create("sentinel", objects, 0, 900_000_000, 1);
var bookmark = new V1Pod
{
    ApiVersion = "v1", Kind = "Pod",
    Metadata = new V1ObjectMeta { ResourceVersion = listVersion, Annotations = new Dictionary<string, string> { ["k8s.io/initial-events-end"] = "true" } },
};

var json = new Payload("application/json", Frame.Json);
var protobuf = new Payload("application/vnd.kubernetes.protobuf", Frame.Protobuf);
foreach (var payload in args.Length == 4 ? [json] : new[] { json, protobuf })
{
    payload.List = payload == json
        ? [Encoding.UTF8.GetBytes($$$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"{{{listVersion}}}"},"items":["""),
            .. Listed().SelectMany((pod, i) => i == 0 ? new[] { KubeJson.Serialize(pod) } : [","u8.ToArray(), KubeJson.Serialize(pod)]), "]}"u8.ToArray()]
        : [KubeProtobuf.Serialize(new V1PodList { ApiVersion = "v1", Kind = "PodList", Metadata = new V1ListMeta { ResourceVersion = listVersion }, Items = [.. Listed()] })];
    payload.Initial = [.. Listed().Select(pod => payload.Event("ADDED", pod)), payload.Event("BOOKMARK", bookmark)];
    payload.Changes = [.. Changed().Select((pod, i) => new Change(payload.Event("MODIFIED", pod), FirstChange + i))];
    payload.Sentinel = payload.Event("ADDED", sentinel);
    payload.One = payload == json ? KubeJson.Serialize(Listed().First()) : KubeProtobuf.Serialize(Listed().First());
}
Console.WriteLine($"{objects} pods of {json.One.Length} bytes JSON, {protobuf.One.Length} bytes protobuf; {events} events");

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http1);
    kestrel.Limits.MaxResponseBufferSize = 1 << 20;
});
var app = builder.Build();
app.MapGet("/api/v1/pods", async context =>
{
    var payload = context.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal) ? protobuf : json;
    var query = context.Request.Query;
    var watch = query["watch"] == "true" || query["watch"] == "1";
    context.Response.ContentType = payload.ContentType + (watch && payload == protobuf ? ";stream=watch" : "");
    var body = context.Response.BodyWriter;
    if (!watch)
    {
        await SendAsync(body, payload.List);
        return;
    }
    if (query["sendInitialEvents"] == "true") await SendAsync(body, payload.Initial);
    for (var i = 0; i < events && objects > 0; i++)
    {
        // A server gives each change a version of its own: one that came round again would be no news.
        payload.Changes[(uint)i * 2654435761u % (uint)objects].Write(body, FirstChange + objects + i);
        if (body.UnflushedBytes > 128 * 1024) await body.FlushAsync();
    }
    await SendAsync(body, [payload.Sentinel]);
    var closed = new TaskCompletionSource();
    await using (context.RequestAborted.Register(() => closed.TrySetResult())) await closed.Task;
});
app.MapGet("/api/v1/namespaces/{ns}/pods/{name}", async context =>
{
    var payload = context.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal) ? protobuf : json;
    context.Response.ContentType = payload.ContentType;
    context.Response.ContentLength = payload.One.Length;
    await context.Response.Body.WriteAsync(payload.One);
});
app.MapFallback(context => context.Response.WriteAsync("{}"));
app.Start();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();
return 0;

static async Task SendAsync(PipeWriter body, IEnumerable<byte[]> parts)
{
    foreach (var part in parts)
    {
        body.Write(part);
        if (body.UnflushedBytes > 128 * 1024) await body.FlushAsync();
    }
    await body.FlushAsync();
}

namespace LoadServer
{
    sealed class Payload(string contentType, Func<string, V1Pod, byte[]> frame)
    {
        public string ContentType => contentType;
        public byte[][] List = [], Initial = [];
        public Change[] Changes = [];
        public byte[] Sentinel = [], One = [];

        public byte[] Event(string type, V1Pod pod) => frame(type, pod);
    }

    /// <summary>An event that is sent with other versions, all of the same length.</summary>
    sealed class Change
    {
        readonly byte[] _frame;
        readonly int _version;

        public Change(byte[] frame, long version)
        {
            _frame = frame;
            _version = frame.AsSpan().IndexOf(Encoding.ASCII.GetBytes(version.ToString(CultureInfo.InvariantCulture)));
            if (_version < 0) throw new InvalidOperationException($"The event of version {version} does not carry it.");
        }

        public void Write(PipeWriter body, long version)
        {
            var span = body.GetSpan(_frame.Length);
            _frame.CopyTo(span);
            if (!version.TryFormat(span[_version..], out var digits, provider: CultureInfo.InvariantCulture) || digits != 9) throw new InvalidOperationException($"Version {version} has not nine digits.");
            body.Advance(_frame.Length);
        }
    }

    static class Frame
    {
        public static byte[] Json(string type, V1Pod pod) => [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), .. KubeJson.Serialize(pod), .. "}\n"u8];

        // A WatchEvent message: 1 the type, 2 a RawExtension whose field 1 is the object in its envelope; four bytes of length before it.
        public static byte[] Protobuf(string type, V1Pod pod)
        {
            byte[] message = [.. Field(1, Encoding.UTF8.GetBytes(type)), .. Field(2, Field(1, KubeProtobuf.Serialize(pod)))];
            var envelope = new byte[4 + message.Length];
            BinaryPrimitives.WriteUInt32BigEndian(envelope, (uint)message.Length);
            message.CopyTo(envelope, 4);
            return envelope;
        }

        static byte[] Field(int number, byte[] content)
        {
            var head = new List<byte> { (byte)(number << 3 | 2) };
            var length = (uint)content.Length;
            for (; length >= 0x80; length >>= 7) head.Add((byte)(length | 0x80));
            head.Add((byte)length);
            return [.. head, .. content];
        }
    }
}
