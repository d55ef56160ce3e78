using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ApiServer.Tests.Support;

/// <summary>A webhook on loopback with TLS and an authority of its own. Remembers what it was asked.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly CertificateAuthority _authority;

    private WebhookServer(WebApplication web, CertificateAuthority authority)
    {
        (_web, _authority) = (web, authority);
        Uri = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Uri { get; }

    /// <summary>The authority's certificate, as a <c>caBundle</c>.</summary>
    public string CaBundle => Convert.ToBase64String(Encoding.UTF8.GetBytes(_authority.Pem));

    /// <summary>Requests of reviews, with the path that was asked, in order.</summary>
    public List<(string Path, JsonObject Request)> Asked { get; } = [];

    /// <param name="answer">Gets a path and a review's <c>request</c>; answers its <c>response</c> without the uid.</param>
    public static async Task<WebhookServer> StartAsync(Func<string, JsonObject, Task<JsonObject>> answer)
    {
        var authority = CertificateAuthority.Create(DateTimeOffset.UtcNow);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http1;
            l.UseHttps(authority.Server);
        }));
        var web = builder.Build();
        WebhookServer? server = null;
        web.Run(async context =>
        {
            var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            var request = review["request"]!.AsObject();
            lock (server!.Asked)
            {
                server.Asked.Add((context.Request.Path + context.Request.QueryString.Value, request));
            }
            var response = await answer(context.Request.Path, request);
            response["uid"] = request["uid"]!.DeepClone();
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject
            {
                ["apiVersion"] = review["apiVersion"]!.DeepClone(), ["kind"] = review["kind"]!.DeepClone(), ["response"] = response,
            }.ToJsonString());
        });
        await web.StartAsync();
        return server = new WebhookServer(web, authority);
    }

    public static Task<WebhookServer> StartAsync(Func<string, JsonObject, JsonObject> answer) => StartAsync((path, request) => Task.FromResult(answer(path, request)));

    public static JsonObject Allow(params string[] warnings) => new() { ["allowed"] = true, ["warnings"] = new JsonArray([.. warnings.Select(w => (JsonNode)w)]) };

    public static JsonObject Deny(string message, int code = 0) => new() { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = message, ["code"] = code } };

    public static JsonObject Patch(string operations) => new()
    {
        ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations)),
    };

    /// <summary>A webhook of a configuration that lives at a path of this server and is asked about config maps being made or changed.</summary>
    public JsonObject Hook(string path, Action<JsonObject>? change = null)
    {
        var hook = new JsonObject
        {
            ["name"] = $"{path.Trim('/')}.tests.example",
            ["clientConfig"] = new JsonObject { ["url"] = new Uri(Uri, path).ToString(), ["caBundle"] = CaBundle },
            ["rules"] = new JsonArray(Rule("", "configmaps")),
            ["sideEffects"] = "None",
            ["admissionReviewVersions"] = new JsonArray("v1"),
        };
        change?.Invoke(hook);
        return hook;
    }

    public static JsonObject Rule(string group, string resource, params string[] operations) => new()
    {
        ["apiGroups"] = new JsonArray(group), ["apiVersions"] = new JsonArray("v1"), ["resources"] = new JsonArray(resource),
        ["operations"] = new JsonArray([.. (operations.Length == 0 ? ["CREATE", "UPDATE"] : operations).Select(o => (JsonNode)o)]),
    };

    public static Task<JsonObject> RegisterAsync(TestServer server, string kind, string name, params JsonNode[] hooks) =>
        server.OkAsync("POST", $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}s", new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name }, ["webhooks"] = new JsonArray(hooks),
        });

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(new CancellationToken(true));
        await _web.DisposeAsync();
        _authority.Dispose();
    }
}
