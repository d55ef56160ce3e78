using System.Net;
using ActorKube.Models;
using ActorKube.Transport;

namespace Transport.Tests;

public sealed class ResumingWatchTests
{
    readonly ManualTime _time = new();

    static string Line(string type, string name, string version) => Clients.Event(type, Clients.Pod(name, version)) + "\n";

    static HttpResponseMessage Stream(params string[] lines) => FakeServer.Stream(new ScriptedStream().Feed(string.Concat(lines)).End());

    static string Gone => Clients.Event("ERROR", """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}""") + "\n";

    static string Broken(int seconds) => Clients.Event("ERROR", $$$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500,"details":{"retryAfterSeconds":{{{seconds}}}}}""") + "\n";

    IAsyncEnumerable<WatchEvent> Resume(FakeServer server, string version = "5") =>
        Clients.Over(server, Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan, MaxRetries = 0 }, _time)
            .ListWatch(Clients.Pods, "ns").ResumeAsync(version, time: _time);

    /// <summary>Collects, and moves the clock whenever the watch waits.</summary>
    Task<(List<WatchEvent> Result, List<double> Waits)> CollectAsync(IAsyncEnumerable<WatchEvent> watch, int count = int.MaxValue) => PumpAsync(watch.CollectAsync(count));

    async Task<(T Result, List<double> Waits)> PumpAsync<T>(Task<T> collecting)
    {
        var waits = new List<double>();
        while (!collecting.IsCompleted)
        {
            await Task.WhenAny(collecting, _time.WaitForTimerAsync(TimeSpan.FromMilliseconds(1)));
            foreach (var wait in _time.Waiting.Where(wait => wait < TimeSpan.FromMinutes(2)))
            {
                waits.Add(wait.TotalSeconds);
                _time.Advance(wait);
            }
            await Task.Yield();
        }
        return (await collecting, waits);
    }

    [Fact]
    public async Task It_goes_on_after_the_last_version_seen_and_tells_nothing_twice()
    {
        var server = new FakeServer(asked => asked.Number switch
        {
            1 => Stream(Line("ADDED", "a", "6"), Line("MODIFIED", "a", "7")),
            2 => Stream(Clients.Event("BOOKMARK", Clients.Pod("", "9")) + "\n"),
            3 => FakeServer.Stream(new ScriptedStream().Feed(Line("MODIFIED", "a", "10")).End(new IOException("reset"))),
            4 => FakeServer.Status(HttpStatusCode.TooManyRequests, "TooManyRequests"),
            5 => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
            6 => FakeServer.Status(HttpStatusCode.Gone, "Expired"),
            7 => Stream(Broken(3)),
            8 => Stream(Line("DELETED", "a", "11"), Gone, Line("ADDED", "never", "12")),
            _ => throw new InvalidOperationException("It went on after 410.")
        });
        var (events, waits) = await CollectAsync(Resume(server));
        Assert.Equal(["6", "7", "9", "10", "11", null], events.Select(item => item.Object?.ResourceVersion));
        Assert.Equal(410, events[^1].Status!.Code);
        Assert.Equal(["5", "7", "9", "10", "10", "10", "10", "10"], server.Requests.Select(asked => asked.Path.Split("resourceVersion=")[1].Split('&')[0]));
        Assert.Equal([1, 1, 1, 1, 1, 1, 3], waits);
    }

    [Fact]
    public async Task However_often_and_however_it_is_closed_each_event_is_told_once_and_in_order()
    {
        const int events = 400;
        var random = new Random(34);
        var opened = 0;
        var server = new FakeServer(asked =>
        {
            opened++;
            var version = int.Parse(asked.Path.Split("resourceVersion=")[1].Split('&')[0]);
            if (random.Next(6) == 0) return FakeServer.Status(HttpStatusCode.InternalServerError, "InternalError");
            var told = string.Concat(Enumerable.Range(version + 1, Math.Min(random.Next(8), events - version)).Select(number => Line("MODIFIED", "a", $"{number}")));
            var next = Line("MODIFIED", "a", $"{version + 100}");
            return random.Next(4) switch
            {
                0 => FakeServer.Stream(new ScriptedStream().Feed(told).End()),
                1 => FakeServer.Stream(new ScriptedStream().Feed(told).End(new IOException("reset"))),
                // The beginning of an event that is never whole is no event.
                2 => FakeServer.Stream(new ScriptedStream().Feed(told + next[..random.Next(1, next.Length - 1)]).End()),
                _ => FakeServer.Stream(new ScriptedStream().Feed(told + Broken(0)).End())
            };
        });
        var (seen, waits) = await CollectAsync(Resume(server, "1"), events - 1);
        Assert.Equal(Enumerable.Range(2, events - 1).Select(number => $"{number}"), seen.Select(item => item.Object!.ResourceVersion));
        Assert.True(opened > 50);
        Assert.All(waits, wait => Assert.Equal(1, wait));
    }

    [Theory]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    public async Task It_ends_where_the_user_may_not_watch(int code, string reason)
    {
        var server = new FakeServer(_ => FakeServer.Status((HttpStatusCode)code, reason));
        await Assert.ThrowsAsync<KubernetesException>(() => Resume(server).CollectAsync());
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    public void It_needs_a_version_to_go_on_from(string version) => Assert.Throws<ArgumentException>(() => Resume(new FakeServer(_ => Stream()), version));

    [Fact]
    public async Task Waiting_looks_at_what_is_there_first()
    {
        var server = new FakeServer(_ => FakeServer.Json($$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[{{Clients.Pod("a", "3")}}]}"""));
        var pod = await Clients.Over(server).Resource(Clients.Pods, "ns").UntilAsync("a", item => item.ResourceVersion == "3");
        Assert.Equal("a", pod.Name);
        var typed = await Clients.Over(server).CoreV1.Pods("ns").UntilAsync("a", item => item.Metadata.ResourceVersion == "3");
        Assert.Equal("a", typed.Metadata.Name);
        Assert.Contains("fieldSelector=metadata.name%3Da", server.Last.Path);
    }

    [Fact]
    public async Task Waiting_lists_again_where_the_watch_cannot_go_on()
    {
        var server = new FakeServer(asked => asked.Number switch
        {
            1 => FakeServer.Json("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}"""),
            2 => Stream(Line("ADDED", "a", "6"), Gone),
            3 => FakeServer.Json($$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"20"},"items":[{{Clients.Pod("a", "8")}}]}"""),
            _ => Stream(Line("DELETED", "a", "21"), Line("ADDED", "a", "22"))
        });
        var source = Clients.Over(server, Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan }, _time).ListWatch(Clients.Pods, "ns");
        var (found, waits) = await PumpAsync(source.UntilAsync(item => item.Type == WatchEventType.Added && int.Parse(item.Object!.ResourceVersion) > 10, _time));
        Assert.Equal("22", found.Object!.ResourceVersion);
        Assert.Equal([1], waits);
    }

    [Fact]
    public async Task Waiting_from_a_version_asks_its_conditions_one_after_another()
    {
        var server = new FakeServer(asked => asked.Number switch
        {
            1 => Stream(Line("DELETED", "a", "6"), Clients.Event("BOOKMARK", Clients.Pod("", "7")) + "\n", Line("ADDED", "a", "8")),
            2 => FakeServer.Stream(new ScriptedStream().Feed(Line("MODIFIED", "a", "9")).End(new IOException("reset"))),
            3 => Stream(Line("MODIFIED", "a", "10"), Line("DELETED", "a", "11"), Line("ADDED", "a", "12")),
            _ => throw new InvalidOperationException("It went on after the last condition held.")
        });
        var source = Clients.Over(server, Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan, MaxRetries = 0 }, _time).ListWatch(Clients.Pods, "ns");
        var asked = new List<string>();
        Func<WatchEvent, bool> Is(string name, Func<WatchEvent, bool> condition) => item =>
        {
            asked.Add($"{name}{item.Object!.ResourceVersion}");
            return condition(item);
        };
        var (found, _) = await PumpAsync(source.UntilAsync("5",
            [Is("added", item => item.Type == WatchEventType.Added), Is("any", _ => true), Is("deleted", item => item.Type == WatchEventType.Deleted)], _time));
        Assert.Equal((WatchEventType.Deleted, "11"), (found.Type, found.Object!.ResourceVersion));
        // The second condition is asked of the event for which the first held, and so is the third.
        Assert.Equal(["added6", "added8", "any8", "deleted8", "deleted9", "deleted10", "deleted11"], asked);
    }

    [Fact]
    public async Task Waiting_from_a_version_ends_where_the_version_is_too_old_or_a_condition_fails()
    {
        IListWatch Over(params string[] lines) => Clients.Over(new FakeServer(_ => Stream(lines)), Clients.Configuration with { MaxRetries = 0 }, _time).ListWatch(Clients.Pods, "ns");
        var gone = await Assert.ThrowsAsync<KubernetesException>(() => Over(Gone).UntilAsync("5", [_ => true], _time));
        Assert.True(gone.IsResourceExpired);
        await Assert.ThrowsAsync<FormatException>(() => Over(Line("ADDED", "a", "6")).UntilAsync("5", [_ => throw new FormatException()], _time));
        await Assert.ThrowsAsync<ArgumentException>(() => Over().UntilAsync("5", [], _time));
        await Assert.ThrowsAsync<ArgumentException>(() => Over().UntilAsync("0", [_ => true], _time));
    }

    [Fact]
    public async Task Waiting_for_an_end_sees_it_whether_it_was_or_comes()
    {
        var empty = new FakeServer(_ => FakeServer.Json("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}"""));
        await Clients.Over(empty).Resource(Clients.Pods, "ns").UntilDeletedAsync("a");
        await Clients.Over(empty).CoreV1.Pods("ns").UntilDeletedAsync("a");
        var later = new FakeServer(asked => asked.Number == 1
            ? FakeServer.Json($$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[{{Clients.Pod("a", "3")}}]}""")
            : Stream(Line("MODIFIED", "a", "6"), Line("DELETED", "a", "7")));
        await Clients.Over(later).Resource(Clients.Pods, "ns").UntilDeletedAsync("a");
    }
}
