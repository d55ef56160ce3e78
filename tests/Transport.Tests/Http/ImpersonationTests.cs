using System.Text;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

/// <summary>How impersonation looks on the wire: servers read one group a line and split nothing.</summary>
public sealed class ImpersonationTests
{
    static readonly TestAuthority Authority = new();

    static Task<LoopbackServer> StartAsync() => LoopbackServer.StartAsync(async context =>
    {
        var body = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        await context.Response.WriteAsync($"{context.Request.Protocol} {headers["Impersonate-User"]} groups={string.Join('|', headers["Impersonate-Group"].ToArray())} "
            + $"scopes={string.Join('|', headers["Impersonate-Extra-scope"].ToArray())} body={await body.ReadToEndAsync()}");
    }, Authority.IssueServer("localhost"));

    static KubernetesClient Client(LoopbackServer server, Impersonation impersonation) => new(new KubernetesClientConfiguration
    {
        Server = server.Address, CertificateAuthorityPem = Authority.Pem, Impersonation = impersonation, Qps = -1
    });

    static async Task<string> AnswerAsync(RestRequest request) => Encoding.UTF8.GetString(await request.AbsPath("/").DoRawAsync());

    static readonly Impersonation Two = new()
    {
        User = "jané", Groups = ["dev", "ops, and more"], Extra = new Dictionary<string, IReadOnlyList<string>> { ["scope"] = ["a", "b", "c"] }
    };

    [Fact]
    public async Task Each_group_and_each_extra_value_is_a_line_of_its_own()
    {
        await using var server = await StartAsync();
        using var client = Client(server, Two);
        const string who = "HTTP/1.1 jané groups=dev|ops, and more scopes=a|b|c body=";
        Assert.Equal(who, await AnswerAsync(client.Rest.Get()));
        // Bodies pass as they are, whatever their bytes, and the next request's head is found behind them.
        var body = string.Concat(Enumerable.Repeat("\u0001\r\n\r\nImpersonate-Group: x", 4000));
        Assert.Equal(who + body, await AnswerAsync(client.Rest.Post().Body(body)));
        Assert.Equal(who + body, await AnswerAsync(client.Rest.Post().Body(new ScriptedStream().Feed(body[..5000]).Feed(body[5000..]).End())));
        Assert.Equal(who, await AnswerAsync(client.Rest.Get().SetHeader("X-Long", new string('x', 20_000))));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
            Assert.Equal(who + number, await AnswerAsync(client.Rest.Post().Body(number.ToString(System.Globalization.CultureInfo.InvariantCulture))))));
    }

    [Fact]
    public async Task One_of_each_needs_no_such_care()
    {
        await using var server = await StartAsync();
        using var client = Client(server, new Impersonation { User = "jané", Groups = ["dev"] });
        Assert.Equal("HTTP/2 jané groups=dev scopes= body=", await AnswerAsync(client.Rest.Get()));
    }

    [Fact]
    public void What_would_break_its_line_is_refused() =>
        Assert.Contains("control character", Assert.Throws<KubeConfigException>(() => Clients.Over(new FakeServer(_ => FakeServer.Json("{}")),
            Clients.Configuration with { Impersonation = new Impersonation { User = "a", Groups = ["x\r\nAuthorization: y"] } })).Message);
}
