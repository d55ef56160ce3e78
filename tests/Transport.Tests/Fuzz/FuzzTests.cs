using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>
/// Seeded input by the hundred thousand: nothing crashes, hangs or throws what its caller does not expect. Counts are set so that all of it together is over 200,000
/// inputs and stays within seconds.
/// </summary>
public sealed class FuzzTests
{
    const int Seed = 20260101;

    static byte[] Mutate(Random random, byte[] input)
    {
        var bytes = input.ToList();
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            var at = bytes.Count == 0 ? 0 : random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0 when bytes.Count > 0: bytes[at] = (byte)random.Next(256); break;
                case 1 when bytes.Count > 0: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)"{}[]\",:\\\n\0-&*!|>#"[random.Next(17)]); break;
                case 3 when bytes.Count > 0: bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at)); break;
                case 4 when bytes.Count > 0: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(30), bytes.Count - at))); break;
                default: bytes.Insert(at, (byte)random.Next(256)); break;
            }
        }
        return [.. bytes];
    }

    static IEnumerable<byte[]> Inputs(int count, params string[] seeds)
    {
        var random = new Random(Seed);
        var known = seeds.Select(Encoding.UTF8.GetBytes).ToArray();
        for (var number = 0; number < count; number++) yield return Mutate(random, known[random.Next(known.Length)]);
    }

    [Fact]
    public async Task Watch_streams_give_events_or_break_as_connections_do()
    {
        var good = Clients.Event("ADDED", Clients.Pod("a")) + "\n" + Clients.Event("ERROR", """{"kind":"Status","apiVersion":"v1","code":410,"details":{"causes":[{"reason":"x"}]}}""") + "\n";
        var server = new FakeServer(_ => new HttpResponseMessage());
        var watch = Clients.Over(server).ListWatch(Clients.Pods, "ns");
        foreach (var input in Inputs(60_000, good, Clients.Event("BOOKMARK", Clients.Pod("b")) + "\n"))
        {
            server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(input)));
            try
            {
                await foreach (var item in watch.WatchAsync(new ListOptions(), default))
                    Assert.True(item.Object is not null ^ item.Status is not null ^ item.Malformed is not null);
            }
            catch (IOException)
            {
                // The stream ended in the middle of an event.
            }
        }
    }

    [Fact]
    public async Task Protobuf_frames_are_events_or_malformed()
    {
        var pod = KubeProtobuf.Serialize(new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["a"] = "b" } } });
        byte[] frame = [0x0A, 5, .. "ADDED"u8, 0x12, (byte)(pod.Length + 2), 0x0A, (byte)pod.Length, .. pod];
        byte[] stream = [0, 0, 0, (byte)frame.Length, .. frame];
        var random = new Random(Seed);
        var server = new FakeServer(_ => new HttpResponseMessage());
        var watch = Clients.Over(server).ListWatch(Clients.Pods, "ns");
        for (var number = 0; number < 30_000; number++)
        {
            var input = Mutate(random, stream);
            server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(input), "application/vnd.kubernetes.protobuf;stream=watch"));
            try
            {
                await watch.WatchAsync(new ListOptions(), default).CollectAsync();
            }
            catch (IOException)
            {
                // The stream ended in the middle of a frame, or announced one larger than any.
            }
        }
    }

    [Fact]
    public async Task Lists_are_lists_or_the_servers_failure()
    {
        var server = new FakeServer(_ => new HttpResponseMessage());
        var pods = Clients.Over(server, Clients.Configuration with { MaxRetries = 0 }).Resource(Clients.Pods, "ns");
        foreach (var input in Inputs(30_000, $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1","remainingItemCount":3},"items":[{{Clients.Pod("a")}},{{Clients.Pod("b")}}]}"""))
        {
            server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(input)));
            try
            {
                await pods.ListAsync();
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                // Said to be unreadable.
            }
        }
    }

    [Fact]
    public void Kubeconfigs_are_read_or_refused()
    {
        const string yaml = """
            apiVersion: v1
            kind: Config
            current-context: "x"
            clusters: [{name: c, cluster: {server: 'https://h:6443', certificate-authority-data: aGk=}}]
            users:
            - name: u
              user:
                exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Never, args: [a, "b"], env: [{name: A, value: b}]}
            contexts:
            - context: {cluster: c, user: u, namespace: n}
              name: x
            """;
        foreach (var input in Inputs(40_000, yaml, """{"kind":"Config","clusters":[{"name":"c","cluster":{"server":"http://h"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}],"current-context":"x"}"""))
        {
            try
            {
                KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(input));
            }
            catch (KubeConfigException)
            {
                // Refused, with a place.
            }
        }
    }

    [Fact]
    public void Statuses_warnings_and_plugins_answers_are_read_or_refused()
    {
        var call = new RestCall { Method = HttpMethod.Get, Verb = "get", Path = "/" };
        var plugin = new ExecCredentialPlugin { ApiVersion = ExecCredential.V1, Command = "x" };
        foreach (var input in Inputs(60_000, """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"m","reason":"Conflict","code":409,"details":{"name":"a","causes":[{"reason":"r","message":"m","field":"f"}],"retryAfterSeconds":1}}""",
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2026-01-01T00:00:00Z"}}""", "299 - \"a \\\"b\\\" c\" \"Sat, 01 Jan 2026\", 199 x \"y\""))
        {
            using var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Conflict) { Content = new ByteArrayContent([]) };
            Assert.NotEqual(0, ErrorAnswers.Create(call, answer, input, null).StatusCode);
            ServerWarning.Parse(Encoding.UTF8.GetString(input));
            try
            {
                ExecCredential.ParseAnswer(input, plugin);
            }
            catch (KubeConfigException)
            {
                // Refused.
            }
        }
    }
}
