using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests.Conformance;

/// <summary>
/// Replays one recording of a real kube-apiserver against an embedded one and says what differs. The server runs on a clock of its own: waiting
/// for its timeouts moves that clock instead of spending time.
/// </summary>
internal sealed partial class ScenarioReplayer(EmbeddedApiServer server, ManualTime time, IReadOnlyDictionary<string, string>? variables = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(server.CreateHandler()) { BaseAddress = server.Uri, Timeout = Timeout.InfiniteTimeSpan };
    private readonly Dictionary<string, string> _variables = new(variables ?? new Dictionary<string, string>());
    private readonly List<string> _failures = [];

    [GeneratedRegex(@"\{\{([A-Z0-9_]+)(:int)?\}\}")]
    private static partial Regex Variable();

    public async Task<IReadOnlyList<string>> ReplayAsync(JsonObject scenario)
    {
        _variables["NS"] = $"conf-{Random.Shared.GetString("bcdfghjkmnpqrstvwxz", 12)}";
        foreach (var step in Steps(scenario, "setup"))
        {
            var (answer, _, _) = await OneAsync(step);
            if (step["allow"] is JsonArray allowed && !allowed.Any(a => (int)a! == (int)answer["status"]!))
            {
                return [$"setup {step["method"]} {step["path"]} answered {answer["status"]}: {Comparison.Short(answer["body"])}"];
            }
        }
        var number = 0;
        foreach (var step in Steps(scenario, "steps"))
        {
            var (got, checks, _) = await OneAsync(step);
            var differences = Differences(step, got);
            differences.AddRange(checks);
            _failures.AddRange(differences.Select(d => $"step {number} {step["method"]} {step["path"]}: {d}"));
            number++;
        }
        return _failures;
    }

    public void Dispose() => _http.Dispose();

    private static IEnumerable<JsonObject> Steps(JsonObject scenario, string part) => (scenario[part] as JsonArray ?? []).OfType<JsonObject>();

    private static List<string> Differences(JsonObject step, JsonObject got)
    {
        var differences = new List<string>();
        var want = step["expect"]!.AsObject();
        var mode = (string?)step["compare"] ?? "exact";
        foreach (var field in (string[])["status", "contentType", "warnings", "closed", "headers"])
        {
            if (want[field] is { } value)
            {
                Comparison.Compare(value, got[field], field == "headers", field, differences);
            }
        }
        foreach (var part in (string[])["body", "events"])
        {
            if (!want.TryGetPropertyValue(part, out var expected))
            {
                continue;
            }
            var actual = got[part];
            var status = mode == "status" && part == "body";
            if (status)
            {
                var message = (bool?)step["message"] == true;
                (expected, actual) = (Comparison.StatusView(expected, message), Comparison.StatusView(actual, message));
            }
            Comparison.Compare(expected, actual, mode == "subset" || status, part == "body" ? "" : "/events", differences);
        }
        return differences;
    }

    private async Task<(JsonObject Got, List<string> Checks, JsonNode? Raw)> OneAsync(JsonObject step)
    {
        if ((double?)step["sleep"] is { } seconds)
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
        }
        if (step["watch"] is JsonObject watch)
        {
            return await WatchAsync(step, watch);
        }
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var response = await _http.SendAsync(Request(step), HttpCompletionOption.ResponseContentRead, limit.Token);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            var raw = Decode(text, response.Content.Headers.ContentType?.MediaType ?? "");
            if (step["until"] is JsonObject until && !Holds(until, (int)response.StatusCode, raw) && !limit.IsCancellationRequested)
            {
                // What it waits for is done by the server's controllers, some of which look again after a time on their clock.
                time.Advance(TimeSpan.FromMilliseconds(150));
                await Task.Yield();
                continue;
            }
            var got = Shape(response, (bool?)step["wantWarnings"] == true);
            var body = Normaliser().Value(raw, (bool?)step["managedFields"] == true, (bool?)step["remaining"] == true);
            foreach (var ignored in (step["ignore"] as JsonArray ?? []).Select(i => (string)i!))
            {
                Pointers.Remove(body, Pointers.Parts(ignored));
            }
            got["body"] = body;
            Capture(step, raw);
            return (got, Check(step, raw), raw);
        }
    }

    private async Task<(JsonObject Got, List<string> Checks, JsonNode? Raw)> WatchAsync(JsonObject step, JsonObject watch)
    {
        using var limit = new CancellationTokenSource(Patience);
        var began = time.GetUtcNow();
        using var response = await _http.SendAsync(Request(step), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        var got = Shape(response, (bool?)step["wantWarnings"] == true);
        if ((int)response.StatusCode != 200)
        {
            var refused = Decode(await response.Content.ReadAsStringAsync(limit.Token), "application/json");
            got["body"] = Normaliser().Value(refused, false, false);
            return (got, Check(step, refused), refused);
        }
        var checks = new List<string>();
        var during = new List<(JsonObject Step, JsonObject Got, List<string> Checks)>();
        foreach (var inner in (watch["during"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var (answer, found, _) = await OneAsync(inner);
            during.Add((inner, answer, found));
        }
        var (events, closed) = await ReadEventsAsync(response, watch, began, limit.Token);
        if (watch["closes"] is JsonArray range)
        {
            got["closed"] = closed;
            var took = (time.GetUtcNow() - began).TotalSeconds;
            if (closed && (took < (double)range[0]! || took > (double)range[1]!))
            {
                checks.Add($"closed after {took:0.0}s, expected between {range[0]} and {range[1]}");
            }
        }
        var raw = new JsonObject { ["events"] = new JsonArray([.. events.Select(e => e?.DeepClone())]) };
        got["events"] = Normaliser().Value(new JsonArray([.. Sorted(events, watch).Select(e => e?.DeepClone())]), (bool?)step["managedFields"] == true, false);
        foreach (var ignored in (step["ignore"] as JsonArray ?? []).Select(i => (string)i!))
        {
            foreach (var item in got["events"]!.AsArray())
            {
                Pointers.Remove(item, Pointers.Parts(ignored));
            }
        }
        Capture(step, raw);
        foreach (var (inner, answer, found) in during)
        {
            checks.AddRange(found);
            if (inner.ContainsKey("expect"))
            {
                checks.AddRange(Differences(inner, answer).Select(d => $"during {inner["method"]} {inner["path"]}: {d}"));
            }
        }
        checks.AddRange(Check(step, raw));
        return (got, checks, raw);
    }

    /// <summary>Reads until enough has come, or until the server ends the stream or its clock has passed the step's limit.</summary>
    private async Task<(List<JsonNode?> Events, bool Closed)> ReadEventsAsync(HttpResponseMessage response, JsonObject watch, DateTimeOffset began, CancellationToken limit)
    {
        var wanted = (int?)watch["events"];
        var skip = (bool?)watch["skipPlainBookmarks"] == true;
        var deadline = began + TimeSpan.FromSeconds((double?)watch["timeout_s"] ?? 10);
        var events = new List<JsonNode?>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit));
        var quiet = TimeSpan.FromSeconds((double?)watch["quiet_s"] ?? 0);
        while (true)
        {
            if (wanted is { } count && events.Count >= count)
            {
                if (quiet <= TimeSpan.Zero)
                {
                    return (events, false);
                }
                // Nothing more may come: the clock moves on by the time that shall stay quiet.
                deadline = time.GetUtcNow() + quiet;
                quiet = TimeSpan.Zero;
                wanted = null;
            }
            var line = reader.ReadLineAsync(limit).AsTask();
            while (!line.IsCompleted && time.GetUtcNow() < deadline)
            {
                var fired = wanted is null && time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.WhenAny(line, Pause(fired, limit));
            }
            if (!line.IsCompleted)
            {
                return (events, false);
            }
            if (await line is not { } text)
            {
                return (events, true);
            }
            if (text.Length > 0)
            {
                var item = JsonNode.Parse(text);
                if (!(skip && IsPlainBookmark(item)))
                {
                    events.Add(item);
                }
            }
        }
    }

    /// <summary>Lets the server's side run on between two moves of its clock: longer where a timer of its was due, since then it has something to do.</summary>
    private static Task Pause(bool fired, CancellationToken limit) => Task.Delay(TimeSpan.FromMilliseconds(fired ? 250 : 2), limit);

    private static bool IsPlainBookmark(JsonNode? item) =>
        (string?)item?["type"] == "BOOKMARK" && item["object"]?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] is null;

    private static IEnumerable<JsonNode?> Sorted(List<JsonNode?> events, JsonObject watch)
    {
        IEnumerable<JsonNode?> result = events;
        if ((bool?)watch["collapseBookmarks"] == true)
        {
            result = result.Where((e, i) => i == 0 || (string?)e?["type"] != "BOOKMARK" || (string?)events[i - 1]?["type"] != "BOOKMARK").ToList();
        }
        static string Name(JsonNode? e) => (string?)e?["object"]?["metadata"]?["name"] ?? "None";
        if ((bool?)watch["sort"] == true)
        {
            result = result.OrderBy(e => (string?)e?["type"] == "BOOKMARK").ThenBy(Name, StringComparer.Ordinal).ToList();
        }
        var first = (int?)watch["sortFirst"] ?? 0;
        return result.Take(first).OrderBy(Name, StringComparer.Ordinal).Concat(result.Skip(first));
    }

    private HttpRequestMessage Request(JsonObject step)
    {
        var path = Substitute((string)step["path"]!);
        var query = new List<string>();
        foreach (var (key, value) in step["query"] as JsonObject ?? [])
        {
            foreach (var one in value as JsonArray ?? [value?.DeepClone()])
            {
                query.Add($"{Uri.EscapeDataString(key)}={Uri.EscapeDataString(Substitute(one!.ToString()))}");
            }
        }
        var request = new HttpRequestMessage(new HttpMethod((string)step["method"]!), path + (query.Count == 0 ? "" : "?" + string.Join('&', query)));
        request.Headers.TryAddWithoutValidation("User-Agent", "conformance/1.0");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        var auth = (string?)step["auth"] ?? "token";
        request.Headers.TryAddWithoutValidation("Authorization", auth switch { "token" => $"Bearer {server.Token}", "none" => "", _ => Substitute(auth) });
        string? contentType = "application/json";
        foreach (var (key, value) in step["headers"] as JsonObject ?? [])
        {
            if (key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                contentType = value is null ? null : Substitute((string)value!);
                continue;
            }
            request.Headers.Remove(key);
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(key, Substitute((string)value!));
            }
        }
        string? body = step.ContainsKey("rawBody") ? Substitute((string)step["rawBody"]!) : step.TryGetPropertyValue("body", out var tree) ? Substituted(tree)?.ToJsonString() ?? "null" : null;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }
        return request;
    }

    private string Substitute(string text) => Variable().Replace(text, m => _variables.TryGetValue(m.Groups[1].Value, out var value) ? value : throw new InvalidOperationException($"Nothing was captured as {m.Value}."));

    private JsonNode? Substituted(JsonNode? node)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue<string>(out var text):
                var whole = Variable().Match(text);
                return whole.Success && whole.Length == text.Length && whole.Groups[2].Success ? int.Parse(Substitute(text), System.Globalization.CultureInfo.InvariantCulture) : Substitute(text);
            case JsonArray list:
                return new JsonArray([.. list.Select(Substituted)]);
            case JsonObject tree:
                return new JsonObject(tree.Select(p => KeyValuePair.Create(Substitute(p.Key), Substituted(p.Value))));
            default:
                return node?.DeepClone();
        }
    }

    private Normaliser Normaliser() => new(_variables, time.GetUtcNow());

    private JsonObject Shape(HttpResponseMessage response, bool wantWarnings)
    {
        var got = new JsonObject { ["status"] = (int)response.StatusCode, ["contentType"] = MediaType(response.Content.Headers.ContentType) };
        if (response.Headers.TryGetValues("Warning", out var warnings) || wantWarnings)
        {
            got["warnings"] = new JsonArray([.. (warnings ?? []).Select(w => (JsonNode)Normaliser().Text(w))]);
        }
        return got;
    }

    private static string MediaType(MediaTypeHeaderValue? type) => type is null ? "" : string.Join(';', new[] { type.MediaType!.ToLowerInvariant() }.Concat(
        type.Parameters.Select(p => p.Name == "charset" ? $"{p.Name}={p.Value}".ToLowerInvariant() : $"{p.Name}={p.Value}").Order(StringComparer.Ordinal)));

    private static JsonNode? Decode(string text, string type)
    {
        if (type.Contains("json", StringComparison.Ordinal) || text.StartsWith('{') || text.StartsWith('['))
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return text;
            }
        }
        return text;
    }

    private static bool Holds(JsonObject until, int status, JsonNode? raw)
    {
        if (until["status"] is { } wanted && (int)wanted != status)
        {
            return false;
        }
        if ((string?)until["pointer"] is { } pointer)
        {
            if (!Pointers.TryFind(raw, pointer, out var value))
            {
                return (bool?)until["absent"] == true;
            }
            return (bool?)until["absent"] != true && (until["equals"] is not { } equal || JsonNode.DeepEquals(equal, value)) &&
                ((int?)until["length"] is not { } length || (value as JsonArray)?.Count == length);
        }
        return true;
    }

    private void Capture(JsonObject step, JsonNode? raw)
    {
        foreach (var (name, pointer) in step["capture"] as JsonObject ?? [])
        {
            if (Pointers.TryFind(raw, (string)pointer!, out var value) && value is not null)
            {
                _variables[name] = value.ToString();
            }
        }
    }

    private List<string> Check(JsonObject step, JsonNode? raw)
    {
        var wrong = new List<string>();
        foreach (var check in (step["check"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var pointer = (string)check["pointer"]!;
            var there = Pointers.TryFind(raw, pointer, out var value);
            if ((bool?)check["absent"] == true)
            {
                if (there)
                {
                    wrong.Add($"check {pointer}: should be absent, is {Comparison.Short(value)}");
                }
                continue;
            }
            if (!there)
            {
                wrong.Add($"check {pointer}: absent");
                continue;
            }
            foreach (var (operation, given) in check.Where(c => c.Key is not ("pointer" or "absent")))
            {
                var want = Substituted(given);
                var holds = operation switch
                {
                    "equals" => JsonNode.DeepEquals(want, value) || want?.ToString() == value?.ToString(),
                    "notEquals" => want?.ToString() != value?.ToString(),
                    "length" => ((value as JsonArray)?.Count ?? value?.ToString().Length) == (int)want!,
                    "matches" => Regex.IsMatch(value!.ToString(), want!.ToString()),
                    "above" => long.Parse(value!.ToString(), System.Globalization.CultureInfo.InvariantCulture) > long.Parse(want!.ToString(), System.Globalization.CultureInfo.InvariantCulture),
                    _ => false,
                };
                if (!holds)
                {
                    wrong.Add($"check {pointer}: {operation} {Comparison.Short(want)} does not hold, value {Comparison.Short(value)}");
                }
            }
        }
        return wrong;
    }
}
