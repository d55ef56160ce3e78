using System.Net;
using System.Text;
using System.Text.Json;
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

/// <summary>
/// The webhook that recordings name as <c>{{HOOK}}</c>. It answers what its path says: <c>/a/BASE64URL</c> a review's answer, <c>/c/BASE64URL</c> a conversion, and <c>/echo</c> refuses with
/// what it was asked, without what differs from run to run.
/// </summary>
internal sealed class RecordedWebhook : IAsyncDisposable
{
    private static readonly string[] Dropped = ["uid", "creationTimestamp", "managedFields", "resourceVersion"];

    private readonly WebApplication _web;
    private readonly CertificateAuthority _authority;

    private RecordedWebhook(WebApplication web, CertificateAuthority authority)
    {
        (_web, _authority) = (web, authority);
        var address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Variables = new Dictionary<string, string>
        {
            ["HOOK"] = address.TrimEnd('/'), ["CABUNDLE"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Pem)),
        };
    }

    /// <summary>What recordings write in the place of its address and its authority.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    public static async Task<RecordedWebhook> StartAsync()
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
        web.Run(async context =>
        {
            var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            var (code, body) = Answer(context.Request.Path.Value!, review);
            context.Response.StatusCode = code;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
            await context.Response.WriteAsync(body);
        });
        await web.StartAsync();
        return new RecordedWebhook(web, authority);
    }

    private static (int Code, string Body) Answer(string path, JsonObject review)
    {
        var request = review["request"]!.AsObject();
        var answer = new JsonObject { ["apiVersion"] = review["apiVersion"]!.DeepClone(), ["kind"] = review["kind"]!.DeepClone() };
        var parts = path.Trim('/').Split('/', 2);
        if (parts[0] == "echo")
        {
            answer["response"] = new JsonObject
            {
                ["uid"] = request["uid"]!.DeepClone(), ["allowed"] = false, ["status"] = new JsonObject { ["message"] = Told(review), ["code"] = 418 },
            };
            return (200, answer.ToJsonString());
        }
        var said = JsonNode.Parse(Convert.FromBase64String(parts[1].Replace('-', '+').Replace('_', '/') + new string('=', (4 - (parts[1].Length % 4)) % 4)))!.AsObject();
        var code = (int?)said["http"] ?? 200;
        if (said["raw"] is { } raw)
        {
            return (code, raw.GetValue<string>());
        }
        answer["response"] = parts[0] == "a" ? Reviewed(said, request) : Converted(said, review, request);
        foreach (var (pointer, value) in said["review"]?.AsObject() ?? [])
        {
            Put(answer, pointer, value);
        }
        return (code, answer.ToJsonString());
    }

    private static string Told(JsonNode review) => Cleaned(review)!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonObject Reviewed(JsonObject said, JsonObject request)
    {
        var response = said["response"]?.DeepClone().AsObject() ?? [];
        var patch = said["patch"]?.DeepClone();
        if (said["append"] is { } append)
        {
            // What it says is appended to data.v, so that the order shows.
            var data = request["object"]?["data"];
            var value = (string?)data?["v"] + append.GetValue<string>();
            patch = data is null ? new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/data", ["value"] = new JsonObject { ["v"] = value } })
                : new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/data/v", ["value"] = value });
            response = new JsonObject { ["allowed"] = true };
        }
        if (patch is not null)
        {
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch.ToJsonString()));
            response.TryAdd("patchType", "JSONPatch");
        }
        response.TryAdd("uid", request["uid"]!.DeepClone());
        return response;
    }

    private static JsonObject Converted(JsonObject said, JsonObject review, JsonObject request)
    {
        var result = said["result"]?.DeepClone() ?? (said["echo"] is not null ? new JsonObject { ["status"] = "Failure", ["message"] = Told(review) } : new JsonObject { ["status"] = "Success" });
        var made = (request["objects"]?.AsArray() ?? []).Select(o => o!.DeepClone().AsObject()).ToList();
        foreach (var one in made)
        {
            one["apiVersion"] = request["desiredAPIVersion"]!.DeepClone();
            foreach (var (pointer, value) in said["set"]?.AsObject() ?? [])
            {
                Put(one, pointer, value);
            }
            Ported(one);
        }
        made = [.. made.Skip((int?)said["drop"] ?? 0), .. said["add"] is { } more ? [more.DeepClone().AsObject()] : Array.Empty<JsonObject>()];
        var response = new JsonObject { ["uid"] = request["uid"]!.DeepClone(), ["result"] = result, ["convertedObjects"] = new JsonArray([.. made]) };
        foreach (var (pointer, value) in said["response"]?.AsObject() ?? [])
        {
            Put(response, pointer, value);
        }
        return response;
    }

    /// <summary>hostPort of v1 is host and port of v2.</summary>
    private static void Ported(JsonObject one)
    {
        if (one["spec"] is not JsonObject spec)
        {
            return;
        }
        var isSecond = one["apiVersion"]!.ToString().EndsWith("/v2", StringComparison.Ordinal);
        if (isSecond && spec.Remove("hostPort", out var both))
        {
            var split = both!.ToString().Split(':', 2);
            (spec["host"], spec["port"]) = (split[0], split.Length > 1 ? split[1] : "");
        }
        else if (!isSecond && spec.Remove("host", out var host))
        {
            spec.Remove("port", out var port);
            spec["hostPort"] = $"{host}:{port}";
        }
    }

    private static void Put(JsonObject target, string pointer, JsonNode? value)
    {
        var keys = pointer.Trim('/').Split('/');
        foreach (var key in keys[..^1])
        {
            if (target[key] is not JsonObject)
            {
                target[key] = new JsonObject();
            }
            target = target[key]!.AsObject();
        }
        if (value is null)
        {
            target.Remove(keys[^1]);
        }
        else
        {
            target[keys[^1]] = value.DeepClone();
        }
    }

    private static JsonNode? Cleaned(JsonNode? node) => node switch
    {
        JsonObject tree => new JsonObject(tree.Where(p => Array.IndexOf(Dropped, p.Key) < 0).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Cleaned(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Cleaned)]),
        _ => node?.DeepClone(),
    };

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(new CancellationToken(true));
        await _web.DisposeAsync();
        _authority.Dispose();
    }
}
