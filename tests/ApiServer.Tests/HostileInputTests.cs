using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class HostileInputTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_with_413()
    {
        await using var server = await TestServer.StartAsync();
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "big" }, ["data"] = new JsonObject { ["v"] = new string('x', 4 * 1024 * 1024) } };

        var (code, answer) = await server.SendAsync("POST", ConfigMaps, body);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge"), (code, (string)answer["reason"]!));
    }

    [Theory]
    [InlineData("application/json", '[', ']')]
    [InlineData("application/merge-patch+json", '[', ']')]
    public async Task Deep_nesting_is_refused_with_400(string contentType, char open, char close)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var text = $"{{\"data\":{new string(open, 100_000)}{new string(close, 100_000)}}}";
        using var request = new HttpRequestMessage(contentType.Contains("patch", StringComparison.Ordinal) ? HttpMethod.Patch : HttpMethod.Post,
            contentType.Contains("patch", StringComparison.Ordinal) ? $"{ConfigMaps}/a" : ConfigMaps) { Content = new StringContent(text, Encoding.UTF8, contentType) };

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/..%2f..%2fx")]
    [InlineData("/api/v1/../../etc/passwd")]
    [InlineData("/api//v1/namespaces//default")]
    [InlineData("/apis/%00/v1")]
    [InlineData("/api/v1/namespaces/default/configmaps?limit=999999999999999999999")]
    [InlineData("/api/v1/namespaces/default/configmaps?continue=%00%ff")]
    [InlineData("/api/v1/namespaces/default/configmaps?resourceVersion=-1")]
    public async Task Odd_paths_and_parameters_get_an_ordinary_answer(string path)
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.Http.GetAsync(path);

        Assert.InRange((int)response.StatusCode, 200, 500);
        Assert.NotNull(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Yaml_aliases_cannot_blow_up()
    {
        await using var server = await TestServer.StartAsync();
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            text.Append(null, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }
        using var content = new StringContent(text.ToString(), Encoding.UTF8, "application/yaml");

        using var response = await server.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Thousands_of_open_watches_leave_others_unaffected()
    {
        await using var server = await TestServer.StartAsync();
        var watches = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => server.WatchAsync($"{ConfigMaps}?watch=true&labelSelector=never%3Dmatches")));

        await server.CreateConfigMapAsync("a");

        Assert.Equal("1", (await server.OkAsync("GET", $"{ConfigMaps}/a"))["data"]!["v"]!.ToString());
        foreach (var watch in watches)
        {
            watch.Dispose();
        }
    }
}
