using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Kubelet;

namespace ApiServer.Tests.Support;

/// <summary>An embedded server without a socket and a client of it, in JSON trees.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private TestServer(EmbeddedApiServer server, ManualTime time)
    {
        Server = server;
        Time = time;
        Http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri, Timeout = Timeout.InfiniteTimeSpan };
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
    }

    public EmbeddedApiServer Server { get; }

    public ManualTime Time { get; }

    public HttpClient Http { get; }

    /// <summary>The node beside it; null where it has none.</summary>
    public SimulatedNode? Node { get; private init; }

    /// <param name="configure">How the server is set up.</param>
    /// <param name="pods">A node beside it that runs pods; null for none.</param>
    public static async Task<TestServer> StartAsync(Func<EmbeddedApiServerOptions, EmbeddedApiServerOptions>? configure = null, PodSimulatorOptions? pods = null)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var options = new EmbeddedApiServerOptions { Listen = false, TimeProvider = time };
        options = configure?.Invoke(options) ?? options;
        var server = await EmbeddedApiServer.StartAsync(options);
        return new TestServer(server, time) { Node = pods is null ? null : await SimulatedNode.StartAsync(server, pods) };
    }

    public async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }
        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    public async Task<JsonObject> OkAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        var (code, answer) = await SendAsync(method, path, body, contentType);
        Assert.True((int)code < 300, $"{method} {path}: {(int)code} {answer["message"]}");
        return answer;
    }

    public Task<JsonObject> CreateConfigMapAsync(string name, string value = "1") =>
        OkAsync("POST", ConfigMaps, ConfigMap(name, value));

    public static JsonObject ConfigMap(string name, string value = "1") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["v"] = value },
    };

    public static JsonObject Definition(string plural, string kind, JsonObject schema) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{plural}.tests.example" },
        ["spec"] = new JsonObject
        {
            ["group"] = "tests.example",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = kind },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = "v1", ["served"] = true, ["storage"] = true,
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema },
                ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
            }),
        },
    };

    public async Task<WatchReader> WatchAsync(string path)
    {
        var response = await Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new WatchReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (Node is not null)
        {
            await Node.DisposeAsync();
        }
        await Server.DisposeAsync();
    }
}

/// <summary>Reads a watch event by event.</summary>
internal sealed class WatchReader(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The next event; null when the server has ended the stream.</summary>
    public async Task<JsonObject?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var line = await reader.ReadLineAsync(limit.Token);
        return line is null ? null : JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>The version of the next event's object. Nothing else of it is read: for tests with very many of them.</summary>
    public async Task<long> NextVersionAsync()
    {
        const string field = "\"resourceVersion\":\"";
        using var limit = new CancellationTokenSource(Patience);
        var line = await reader.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException("The watch ended.");
        var start = line.IndexOf(field, StringComparison.Ordinal) + field.Length;
        return long.Parse(line.AsSpan(start, line.IndexOf('"', start) - start), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    public async Task<string> NextNameAsync()
    {
        var item = await NextAsync();
        return item is null ? "<end>" : $"{item["type"]} {item["object"]!["metadata"]?["name"]}";
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
