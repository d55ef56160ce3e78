using System.Net;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Forms of lists, watches and paths that a real 1.32 treats in ways of its own.</summary>
public sealed class ListFormTests
{
    [Fact]
    public async Task A_watch_of_lists_of_metadata_ends_without_a_word()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");

        var (code, text) = await GetAsync(server, $"{TestServer.ConfigMaps}?watch=1&timeoutSeconds=600", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");

        Assert.Equal((HttpStatusCode.OK, ""), (code, text));
    }

    [Fact]
    public async Task A_watch_in_a_form_that_there_is_not_is_told_those_of_streams_too()
    {
        await using var server = await TestServer.StartAsync();

        var (code, text) = await GetAsync(server, $"{TestServer.ConfigMaps}?watch=1", "text/plain");

        Assert.Equal(HttpStatusCode.NotAcceptable, code);
        Assert.Contains("application/json;stream=watch", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/a%2Fb")]
    [InlineData("/api/v1/namespaces/default/configmaps/a%2fb")]
    [InlineData("/version/x")]
    public async Task An_escaped_slash_is_a_slash_and_nothing_is_below_the_version(string path)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("GET", path);

        Assert.Equal((HttpStatusCode.NotFound, "the server could not find the requested resource"), (code, (string?)answer["message"]));
    }

    /// <summary>As a real server tells them: a hundred mistakes of a body at most, four thousand characters together, and nothing that a header cannot hold.</summary>
    [Theory]
    [InlineData("""{"metadata":{"name":"x"},"data":{"a":"1","a":"1","a":"2"}}""", 1, "299 - \"duplicate field \\\"data.a\\\"\"")]
    [InlineData("""{"metadata":{"name":"x"},"a\r\nSet-Cookie: x":1}""", 1, "299 - \"unknown field \\\"a\\\\r\\\\nSet-Cookie: x\\\"\"")]
    [InlineData("""{"metadata":{"name":"x"},"\u00e9\u4e2d\u0000":2}""", 1, "299 - \"unknown field \\\"\u00e9\u4e2d\\\\x00\\\"\"")]
    [InlineData("many", 100, "299 - \"unknown field \\\"a99\\\"\"")]
    [InlineData("twice", 100, "299 - \"duplicate field \\\"a99\\\"\"")]
    [InlineData("long", 1, null)]
    public async Task Warnings_are_bounded_whatever_a_body_holds(string body, int warnings, string? last)
    {
        await using var server = await TestServer.StartAsync();
        var sent = body switch
        {
            "many" => $$"""{"metadata":{"name":"x"},{{string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"a{i}\":1"))}}}""",
            "twice" => $$"""{"metadata":{"name":"x"},{{string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"a{i}\":1,\"a{i}\":2"))}}}""",
            "long" => $$"""{"metadata":{"name":"x"},"{{new string('a', 100_000)}}":1}""",
            _ => body,
        };

        using var answer = await server.Http.PostAsync(TestServer.ConfigMaps, new StringContent(sent, System.Text.Encoding.UTF8, "application/json"));
        var told = answer.Headers.GetValues("Warning").ToList();

        Assert.Equal((HttpStatusCode.Created, warnings), (answer.StatusCode, told.Count));
        Assert.True(told.Sum(t => t.Length) < 8192);
        Assert.Equal(last ?? $"299 - \"unknown field \\\"{new string('a', 241)}\"", told[^1]);
    }

    private static async Task<(HttpStatusCode Code, string Text)> GetAsync(TestServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await server.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
