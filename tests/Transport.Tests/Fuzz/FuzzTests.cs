using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>
/// Seeded input by the hundred thousand: nothing crashes, hangs, throws what its caller does not expect, or takes memory that the input is no reason for. Counts are
/// set so that all of it together is over 250,000 inputs and stays within seconds.
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

    /// <summary>
    /// Tries an input, all of it on this thread, so that what it allocates can be told: a number in an input, such as a length, must not be enough to make a parser ask
    /// for memory.
    /// </summary>
    static void Try(ReadOnlySpan<byte> input, Action attempt)
    {
        const long fixedCost = 256 * 1024, perByte = 2048;
        var before = GC.GetAllocatedBytesForCurrentThread();
        attempt();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > fixedCost + perByte * input.Length)
            Assert.Fail($"{allocated} bytes were allocated for an input of {input.Length}: {Convert.ToBase64String(input)}");
    }

    /// <inheritdoc cref="Try(ReadOnlySpan{byte}, Action)"/>
    static void Try(ReadOnlySpan<byte> input, Func<Task> attempt) => Try(input, () =>
    {
        var task = attempt();
        Assert.True(task.IsCompleted, "Nothing here waits for anything.");
        task.GetAwaiter().GetResult();
    });

    [Fact]
    public void Watch_streams_give_events_or_break_as_connections_do()
    {
        var good = Clients.Event("ADDED", Clients.Pod("a")) + "\n" + Clients.Event("ERROR", """{"kind":"Status","apiVersion":"v1","code":410,"details":{"causes":[{"reason":"x"}]}}""") + "\n";
        var server = new FakeServer(_ => new HttpResponseMessage());
        var watch = Clients.Over(server).ListWatch(Clients.Pods, "ns");
        foreach (var input in Inputs(60_000, good, Clients.Event("BOOKMARK", Clients.Pod("b")) + "\n"))
        {
            server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(input)));
            Try(input, async () =>
            {
                try
                {
                    await foreach (var item in watch.WatchAsync(new ListOptions(), default))
                        Assert.True(item.Object is not null ^ item.Status is not null ^ item.Malformed is not null);
                }
                catch (IOException)
                {
                    // The stream ended in the middle of an event.
                }
            });
        }
    }

    [Fact]
    public void Protobuf_frames_are_events_or_malformed()
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
            Try(input, async () =>
            {
                try
                {
                    await watch.WatchAsync(new ListOptions(), default).CollectAsync();
                }
                catch (IOException)
                {
                    // The stream ended in the middle of a frame, or announced one larger than any.
                }
            });
        }
    }

    [Fact]
    public void Lists_are_lists_or_the_servers_failure()
    {
        var server = new FakeServer(_ => new HttpResponseMessage());
        var pods = Clients.Over(server, Clients.Configuration with { MaxRetries = 0 }).Resource(Clients.Pods, "ns");
        foreach (var input in Inputs(30_000, $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1","remainingItemCount":3},"items":[{{Clients.Pod("a")}},{{Clients.Pod("b")}}]}"""))
        {
            server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(input)));
            Try(input, async () =>
            {
                try
                {
                    await pods.ListAsync();
                }
                catch (Exception error) when (error is HttpRequestException or IOException)
                {
                    // Said to be unreadable.
                }
            });
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
            Try(input, () =>
            {
                try
                {
                    KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(input));
                }
                catch (KubeConfigException)
                {
                    // Refused, with a place.
                }
            });
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
            Try(input, () =>
            {
                using var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Conflict) { Content = new ByteArrayContent([]) };
                Assert.NotEqual(0, ErrorAnswers.Create(call, answer, input, null).StatusCode);
                ServerWarning.Parse(Encoding.UTF8.GetString(input));
                SecretFreeText.OfBody(input);
                try
                {
                    ExecCredential.ParseAnswer(input, plugin);
                }
                catch (KubeConfigException)
                {
                    // Refused.
                }
            });
        }
    }

    [Fact]
    public void Selectors_are_read_or_refused_and_mean_what_they_print()
    {
        var labels = new Dictionary<string, string> { ["app"] = "web", ["tier"] = "a", ["n"] = "5" };
        foreach (var input in Inputs(40_000, "app=web,tier in (a, b),!gone,n>3,x.y/z notin (q),k==v,has", "metadata.name=a,status.phase!=Failed,spec.x==b\\,c", "a in (),b", "n<7,n gt 3"))
        {
            Try(input, () =>
            {
                var text = Encoding.UTF8.GetString(input);
                // What is taken can be printed, and the print is the same selector.
                if (LabelSelector.TryParse(text, out var label))
                    Assert.Equal(label.Matches(labels), LabelSelector.Parse(label.ToString()).Matches(labels));
                if (FieldSelector.TryParse(text, out var field))
                    Assert.Equal(field.ToString(), FieldSelector.Parse(field.ToString()).ToString());
            });
        }
    }

    [Fact]
    public void Discovery_and_aggregated_documents_are_read_or_refused()
    {
        foreach (var input in Inputs(20_000, """{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Stale","resources":[{"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced","verbs":["get"],"shortNames":["d"],"subresources":[{"subresource":"status","verbs":[]}]}]}]}]}"""))
        {
            Try(input, () =>
            {
                try
                {
                    AggregatedDiscovery.Read(input, []);
                }
                catch (Exception error) when (error is System.Text.Json.JsonException or FormatException or InvalidOperationException)
                {
                    // What the client's caller is told is no API server's answer.
                }
            });
        }
    }
}
