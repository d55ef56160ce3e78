using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ApiServerBenchmark;

/// <summary>Writers and watchers of one set of config maps.</summary>
internal sealed class Load(HttpClient http, string label, int writes, int writers, int watchedPercent)
{
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly int _rounds = Math.Max(1, writes / 3 / writers);

    /// <summary>How many writes <see cref="RunAsync"/> makes.</summary>
    public int Writes => _rounds * writers * 3;

    private int Watched => _rounds * watchedPercent / 100 * writers;

    /// <summary>Creates, patches and deletes.</summary>
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
    {
        for (var round = 0; round < _rounds; round++)
        {
            var name = $"{label}-{w}-{round}";
            var seen = round < _rounds * watchedPercent / 100 ? label : "unseen";
            await SendAsync(HttpMethod.Post, Path, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"run":"{{{seen}}}"}},"data":{"a":"1","b":"2","c":"3"}}""", "application/json");
            await SendAsync(HttpMethod.Patch, $"{Path}/{name}", """{"data":{"a":"2"}}""", "application/merge-patch+json");
            await SendAsync(HttpMethod.Delete, $"{Path}/{name}", null, "application/json");
        }
    })));

    /// <summary>Starts watchers; what comes back waits until each has seen everything, and answers the events of all.</summary>
    public async Task<Func<Task<long>>> WatchAsync(int watchers)
    {
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < watchers; i++)
        {
            streams.Add(await http.GetAsync($"{Path}?watch=true&labelSelector=run%3D{label}", HttpCompletionOption.ResponseHeadersRead));
        }
        var reading = streams.Select(s => Task.Run(() => ReadAsync(s))).ToArray();
        return async () => (await Task.WhenAll(reading)).Sum();
    }

    private async Task<long> ReadAsync(HttpResponseMessage response)
    {
        using var answer = response;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8, false, 64 * 1024);
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        long version = 0, events = 0;
        while (events < Watched * 3L)
        {
            var line = await reader.ReadLineAsync() ?? throw new InvalidOperationException($"a watch ended after {events} of {Watched * 3} events");
            var (type, name, now) = Read(line);
            if (now <= version)
            {
                throw new InvalidOperationException($"{now} came after {version}");
            }
            version = now;
            var expected = states.TryGetValue(name, out var state) ? state + 1 : 0;
            if (type != expected)
            {
                throw new InvalidOperationException($"{name}: event {type} came where {expected} was to come");
            }
            states[name] = type;
            events++;
        }
        return events;
    }

    /// <summary>Type, name and version of an event; only what the check needs is read, so that reading does not hide what serving costs.</summary>
    private static (int Type, string Name, long Version) Read(string line)
    {
        var type = line[9] switch { 'A' => 0, 'M' => 1, _ => 2 };
        return (type, After(line, "\"name\":\""), long.Parse(After(line, "\"resourceVersion\":\""), CultureInfo.InvariantCulture));
    }

    private static string After(string line, string head)
    {
        var start = line.IndexOf(head, StringComparison.Ordinal) + head.Length;
        return line[start..line.IndexOf('"', start)];
    }

    private async Task SendAsync(HttpMethod method, string path, string? body, string type)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }
        using var response = await http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("message")}");
        }
        await response.Content.CopyToAsync(Stream.Null);
    }
}
