using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary><c>/metrics</c> and the health paths, in the names and words of a real 1.32.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Requests_are_counted_under_a_real_servers_names_and_labels()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        await server.SendAsync("GET", $"{TestServer.ConfigMaps}/none");
        await server.OkAsync("GET", "/api/v1/configmaps");
        await server.OkAsync("PATCH", $"{TestServer.ConfigMaps}/a?fieldManager=x&dryRun=All", JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"""), "application/apply-patch+yaml");
        await server.SendAsync("GET", "/api/v1/nothings");
        await server.Http.GetStringAsync("/livez");
        using var watch = await server.WatchAsync($"{TestServer.ConfigMaps}?watch=1");

        using var answer = await server.Http.GetAsync("/metrics");
        var text = await answer.Content.ReadAsStringAsync();
        var lines = text.Split('\n');

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8; escaping=underscores", answer.Content.Headers.ContentType!.ToString());
        const string maps = "component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\"";
        Assert.Contains($"apiserver_request_total{{code=\"201\",{maps},scope=\"resource\",subresource=\"\",verb=\"POST\",version=\"v1\"}} 1", lines);
        Assert.Contains($"apiserver_request_total{{code=\"404\",{maps},scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\"}} 1", lines);
        Assert.Contains($"apiserver_request_total{{code=\"200\",{maps},scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\"}} 1", lines);
        Assert.Contains($"apiserver_request_total{{code=\"200\",{maps.Replace("dry_run=\"\"", "dry_run=\"All\"", StringComparison.Ordinal)},scope=\"resource\",subresource=\"\",verb=\"APPLY\",version=\"v1\"}} 1", lines);
        Assert.Contains("apiserver_request_total{code=\"200\",component=\"\",dry_run=\"\",group=\"\",resource=\"\",scope=\"\",subresource=\"/livez\",verb=\"GET\",version=\"\"} 1", lines);
        Assert.Contains($"apiserver_request_duration_seconds_bucket{{{maps},scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\",le=\"0.005\"}} 1", lines);
        Assert.Contains($"apiserver_request_duration_seconds_bucket{{{maps},scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\",le=\"+Inf\"}} 1", lines);
        Assert.Contains($"apiserver_request_duration_seconds_count{{{maps},scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\"}} 1", lines);
        Assert.Contains("apiserver_longrunning_requests{component=\"apiserver\",group=\"\",resource=\"configmaps\",scope=\"namespace\",subresource=\"\",verb=\"WATCH\",version=\"v1\"} 1", lines);
        Assert.Contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 0", lines);
        Assert.Contains("apiserver_storage_objects{resource=\"namespaces\"} 4", lines);
        Assert.Contains("apiserver_storage_objects{resource=\"deployments.apps\"} 0", lines);
        Assert.Contains(lines, l => l.StartsWith("process_resident_memory_bytes ", StringComparison.Ordinal));
        Assert.DoesNotContain("nothings", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_told_check_by_check()
    {
        await using var server = await TestServer.StartAsync();

        var live = (await server.Http.GetStringAsync("/livez?verbose&exclude=etcd&exclude=nope")).Split('\n');
        var ready = (await server.Http.GetStringAsync("/readyz?verbose")).Split('\n');

        Assert.Equal(["[+]ping ok", "[+]log ok", "[+]etcd excluded: ok", "[+]poststarthook/start-apiserver-admission-initializer ok"], live[..4]);
        Assert.Equal(["[+]poststarthook/apiservice-openapiv3-controller ok", "warn: some health checks cannot be excluded: no matches for \"nope\"", "livez check passed", ""], live[^4..]);
        Assert.Equal(["[+]poststarthook/kube-apiserver-autoregistration ok", "[+]autoregister-completion ok"], live[^7..^5]);
        Assert.Equal(["[+]shutdown ok", "readyz check passed", ""], ready[^3..]);
        Assert.Equal("ok", await server.Http.GetStringAsync("/livez?exclude=nope"));
        Assert.Equal("ok", await server.Http.GetStringAsync("/readyz/poststarthook/rbac/bootstrap-roles"));
        using var none = await server.Http.GetAsync("/livez/shutdown");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }
}
