using System.Net;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class LoggingTests
{
    readonly CollectingLogs _logs = new();

    KubernetesClient Client(HttpMessageHandler server, RequestLogDetail detail, KubernetesClientConfiguration? configuration = null) =>
        new((configuration ?? Clients.Configuration) with { LogDetail = detail }, new KubernetesClientOptions { Handler = server, LoggerFactory = _logs });

    [Theory]
    [InlineData(RequestLogDetail.None, false, false, false, false)]
    [InlineData(RequestLogDetail.Url, true, false, false, false)]
    [InlineData(RequestLogDetail.Headers, true, true, false, false)]
    [InlineData(RequestLogDetail.Bodies, true, true, true, false)]
    [InlineData(RequestLogDetail.Curl, true, true, true, true)]
    public async Task Each_level_adds_to_the_one_before(RequestLogDetail detail, bool url, bool headers, bool bodies, bool curl)
    {
        await Client(new FakeServer(_ => FakeServer.Json(Clients.Pod("a", extra: ""","big":"x" """))), detail).Resource<V1Pod>("ns").GetAsync("a");
        Assert.Equal(url, _logs.Lines.Any(line => line.Contains("GET http://server:8080/api/v1/namespaces/ns/pods/a 200 in ")));
        Assert.Equal(headers, _logs.All.Contains("Accept: application/"));
        Assert.Equal(bodies, _logs.All.Contains("Response body: {\"kind\":\"Pod\""));
        Assert.Equal(curl, _logs.All.Contains("curl -v -XGET -H 'Accept: application/json'"));
    }

    [Fact]
    public async Task Bodies_are_cut_below_the_highest_level()
    {
        var server = new FakeServer(_ => FakeServer.Json(Clients.Pod("a", extra: $",\"big\":\"{new string('x', 20_000)}END\"")));
        await Client(server, RequestLogDetail.Bodies).Resource(Clients.Pods, "ns").GetAsync("a");
        Assert.DoesNotContain("END", _logs.All);
        Assert.Contains("[cut ", _logs.All);
        await Client(server, RequestLogDetail.WholeBodies).Resource(Clients.Pods, "ns").GetAsync("a");
        Assert.Contains("END", _logs.All);
    }

    [Fact]
    public async Task No_secret_is_ever_written()
    {
        const string secret = """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s","namespace":"ns","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"k\":\"hush\"}}"}},"data":{"k":"hush"},"stringData":{"k":"hush"}}""";
        var server = new FakeServer(asked => asked.Path switch
        {
            var path when path.Contains("/secrets?") => FakeServer.Json($$"""{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{{secret}}]}"""),
            var path when path.Contains("/secrets/bad") => FakeServer.Json(secret, HttpStatusCode.UnprocessableEntity),
            var path when path.Contains("/secrets") => FakeServer.Json(secret),
            var path when path.Contains("/token") => FakeServer.Json("""{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","status":{"token":"hush"}}"""),
            _ => FakeServer.Json("""{"kind":"At","apiVersion":"cnat.programming-kubernetes.info/v1alpha1","metadata":{"name":"a"},"spec":{"password":"hush","apiToken":"hu\"hush","nested":{"clientSecret" : "hush"}}}""")
        });
        var client = Client(server, RequestLogDetail.WholeBodies, Clients.Configuration with { Token = "hush-token" });
        var secrets = client.Resource(ResourceDefinition.For<V1Secret>(), "ns");
        var raw = KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(secret));
        await secrets.GetAsync("s");
        await secrets.CreateAsync(raw);
        await secrets.UpdateAsync(raw);
        await secrets.PatchAsync("s", Patch.Merge("""{"data":{"k":"hush"}}"""));
        await secrets.ApplyAsync(raw, new ApplyOptions("me"));
        await secrets.ListAsync(new ListOptions { Limit = 5 });
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => secrets.GetAsync("bad"));
        Assert.DoesNotContain("hush", refused.ToString());
        Assert.DoesNotContain("hush", KubeJson.SerializeToString(refused.Status));
        await client.Rest.Post().AbsPath("/api/v1/namespaces/ns/serviceaccounts/default/token").Body("{}").DoAsync();
        await client.Resource(Clients.Ats, "ns").GetAsync("a");
        using var basic = Client(server, RequestLogDetail.WholeBodies, Clients.Configuration with { Username = "u", Password = "hush" });
        await basic.Resource(Clients.Ats, "ns").GetAsync("a");

        await client.Rest.Get().AbsPath("/x").SetHeader("Authorization", "Bearer hush").DoAsync();

        Assert.True(_logs.Lines.Count > 30);
        Assert.DoesNotContain("hush", _logs.All);
        Assert.DoesNotContain(Convert.ToBase64String("u:hush"u8), _logs.All);
        Assert.Contains("Authorization: <hidden>", _logs.All);
    }

    [Fact]
    public async Task A_cut_does_not_lay_a_secret_bare()
    {
        var body = $$$"""{"kind":"At","apiVersion":"cnat.programming-kubernetes.info/v1alpha1","metadata":{"name":"a"},"note":"{{{new string('x', 890)}}}","password":"hush-hush-hush"}""";
        await Client(new FakeServer(_ => FakeServer.Json(body)), RequestLogDetail.Bodies).Resource(Clients.Ats, "ns").GetAsync("a");
        Assert.DoesNotContain("hush", _logs.All);
    }

    [Fact]
    public async Task Each_warning_is_logged_once_unless_somebody_takes_them()
    {
        HttpResponseMessage Answer()
        {
            var answer = FakeServer.Json(Clients.Pod("a"));
            answer.Headers.TryAddWithoutValidation("Warning", "299 - \"old \\\"thing\\\" is deprecated\"");
            answer.Headers.TryAddWithoutValidation("Warning", "299 kube \"second\", 199 - \"not ours\"");
            return answer;
        }
        var client = Client(new FakeServer(_ => Answer()), RequestLogDetail.None);
        await client.Resource(Clients.Pods, "ns").GetAsync("a");
        await client.Resource(Clients.Pods, "ns").GetAsync("a");
        Assert.Equal(2, _logs.Lines.Count(line => line.StartsWith("Warning")));
        Assert.Contains("old \"thing\" is deprecated", _logs.All);
        Assert.DoesNotContain("not ours", _logs.All);

        var taken = new List<ServerWarning>();
        client = new KubernetesClient(Clients.Configuration, new KubernetesClientOptions { Handler = new FakeServer(_ => Answer()), OnWarning = taken.Add });
        var result = await client.Rest.Get().AbsPath("/x").DoAsync();
        Assert.Equal([(299, "-", "old \"thing\" is deprecated"), (299, "kube", "second"), (199, "-", "not ours")], taken.Select(warning => (warning.Code, warning.Agent, warning.Text)));
        Assert.Equal(taken, result.Warnings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("299")]
    [InlineData("299 -")]
    [InlineData("299 - unquoted")]
    [InlineData("299 - \"open")]
    [InlineData("two nine nine")]
    public void What_is_no_warning_is_passed_over(string header) => Assert.Empty(ServerWarning.Parse(header));

    [Fact]
    public void A_warning_cannot_move_a_terminals_cursor() =>
        Assert.Equal("a b [2J", ServerWarning.Parse("299 - \"a\rb\u001b[2J\"").Single().Text.Replace("  ", " "));

    [Fact]
    public async Task A_long_wait_for_the_rate_limit_is_logged()
    {
        var time = new ManualTime();
        var client = new KubernetesClient(Clients.Configuration with { Qps = 0.5, Burst = 1 },
            new KubernetesClientOptions { Handler = new FakeServer(_ => FakeServer.Json(Clients.Pod("a"))), LoggerFactory = _logs, Time = time });
        await client.Resource(Clients.Pods, "ns").GetAsync("a");
        var call = client.Resource(Clients.Pods, "ns").GetAsync("a");
        time.Advance(TimeSpan.FromSeconds(2));
        await call;
        Assert.Contains(_logs.Lines, line => line.StartsWith("Information") && line.Contains("delays a request by 2.0 s: get /api/v1/namespaces/ns/pods/a"));
    }
}
