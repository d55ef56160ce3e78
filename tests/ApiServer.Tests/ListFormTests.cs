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

    private static async Task<(HttpStatusCode Code, string Text)> GetAsync(TestServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await server.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
