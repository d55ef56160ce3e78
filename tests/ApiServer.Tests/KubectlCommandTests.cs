using System.Net.Http;
using System.Text.RegularExpressions;
using ActorKube.ApiServer;
using ActorKube.Kubelet;

namespace ApiServer.Tests;

/// <summary>The rest of kubectl's commands, each as somebody at a terminal uses it.</summary>
public sealed partial class KubectlCommandTests : IAsyncLifetime
{
    private const string Web = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec:
          containers:
          - name: c
            image: busybox
            ports: [{containerPort: 8080}]
            env: [{name: WHO, value: me}]
            command: [sh, -c, "echo one; echo two; sleep 3600"]
        """;

    private readonly Kubectl _kubectl = new();
    private EmbeddedApiServer? _server;
    private SimulatedNode? _node;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync();
        _node = await SimulatedNode.StartAsync(_server);
        await _server.WriteKubeconfigAsync(_kubectl.Kubeconfig);
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        await _server!.DisposeAsync();
        _kubectl.Dispose();
    }

    [KubectlFact]
    public async Task Explains_a_kind_with_all_that_is_below_it()
    {
        var all = await _kubectl.RunAsync("explain deployment --recursive");
        Assert.Contains("progressDeadlineSeconds", all, StringComparison.Ordinal);
        Assert.Contains("containerPort", all, StringComparison.Ordinal);
        Assert.Contains("terminationGracePeriodSeconds", await _kubectl.RunAsync("explain pod.spec"), StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Shows_differences_and_prunes_what_is_no_longer_applied()
    {
        await _kubectl.FileAsync("all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {l: v}}\ndata: {x: '1'}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {l: v}}\n");
        await _kubectl.RunAsync("apply -f all.yaml");
        await _kubectl.FileAsync("all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {l: v}}\ndata: {x: '2'}\n");

        var difference = await _kubectl.RunAsync("diff -f all.yaml", mayFail: true);
        Assert.Contains("-  x: \"1\"", difference, StringComparison.Ordinal);
        Assert.Contains("+  x: \"2\"", difference, StringComparison.Ordinal);
        Assert.Equal("1", await _kubectl.RunAsync("get cm a -o jsonpath={.data.x}"));

        var pruned = await _kubectl.RunAsync("apply -f all.yaml --prune -l l=v", errors: true, mayFail: true);
        // Unless it is told, kubectl before 1.25 looks among kinds that no server of 1.32 has.
        pruned += pruned.Contains("error retrieving RESTMappings to prune", StringComparison.Ordinal)
            ? await _kubectl.RunAsync("apply -f all.yaml --prune -l l=v --prune-whitelist=core/v1/ConfigMap", errors: true) : "";
        Assert.Contains("configmap/b pruned", pruned, StringComparison.Ordinal);
        Assert.Equal("2", await _kubectl.RunAsync("get cm a -o jsonpath={.data.x}"));
        Assert.Equal("configmap/a\n", await _kubectl.RunAsync("get cm -l l=v -o name"));
        Assert.Empty((await _kubectl.RunAsync("diff -f all.yaml")).Trim());
    }

    [KubectlFact]
    public async Task Reads_logs_runs_programs_and_copies_files()
    {
        await _kubectl.FileAsync("web.yaml", Web);
        await _kubectl.RunAsync("apply -f web.yaml");
        await _kubectl.RunAsync("wait --for=condition=Ready pod/web --timeout=60s");

        Assert.Equal("one\ntwo\n", await _kubectl.RunAsync("logs web"));
        Assert.Equal("two\n", await _kubectl.RunAsync("logs web --tail=1"));
        Assert.Contains("Z one", await _kubectl.RunAsync("logs web --timestamps"), StringComparison.Ordinal);
        Assert.Equal("me\n", await _kubectl.RunAsync(["exec", "web", "--", "sh", "-c", "echo $WHO"]));
        Assert.Equal("typed", await _kubectl.RunAsync(["exec", "-i", "web", "--", "cat"], input: "typed"));
        Assert.Contains("exit code 3", await _kubectl.RunAsync(["exec", "web", "--", "sh", "-c", "exit 3"], errors: true, mayFail: true), StringComparison.Ordinal);
        Assert.Contains("executable file not found", await _kubectl.RunAsync("exec web -- nosuch", errors: true, mayFail: true), StringComparison.Ordinal);

        await _kubectl.FileAsync("from.txt", "copied");
        await _kubectl.RunAsync("cp from.txt web:/tmp/there.txt");
        Assert.Equal("copied", await _kubectl.RunAsync("exec web -- cat /tmp/there.txt"));
        await _kubectl.RunAsync("cp web:/tmp/there.txt back.txt", errors: true);
        Assert.Equal("copied", await File.ReadAllTextAsync(Path.Combine(_kubectl.Folder, "back.txt")));
    }

    [KubectlFact]
    public async Task Shows_what_the_server_keeps_by_itself()
    {
        var schemas = (await _kubectl.RunAsync("get flowschemas --no-headers")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("exempt ", schemas[0], StringComparison.Ordinal);
        Assert.StartsWith("catch-all ", schemas[^1], StringComparison.Ordinal);
        Assert.All(schemas, line => Assert.EndsWith("False", line.TrimEnd(), StringComparison.Ordinal));
        Assert.All((await _kubectl.RunAsync("get apiservices --no-headers")).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@" Local +True ", line));
        Assert.Contains("etcd-0", await _kubectl.RunAsync("get componentstatuses --no-headers"), StringComparison.Ordinal);
        Assert.Contains("\n  \"gitVersion\": \"v1.32", await _kubectl.RunAsync("get --raw /version"), StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Forwards_a_port()
    {
        await _kubectl.FileAsync("web.yaml", Web);
        await _kubectl.RunAsync("apply -f web.yaml");
        await _kubectl.RunAsync("wait --for=condition=Ready pod/web --timeout=60s");
        using var forwarding = _kubectl.Start(["port-forward", "pod/web", ":8080"]);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var line = await forwarding.StandardOutput.ReadLineAsync(limit.Token);
            var port = LocalPort().Match(line ?? "").Groups[1].Value;
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

            Assert.Contains("default/web:8080", await http.GetStringAsync("/first", limit.Token), StringComparison.Ordinal);
            Assert.Contains("GET /second", await http.GetStringAsync("/second", limit.Token), StringComparison.Ordinal);
        }
        finally
        {
            forwarding.Kill();
        }
    }

    [KubectlFact]
    public async Task Asks_what_it_may_do_selects_by_fields_and_lists_in_chunks()
    {
        for (var i = 0; i < 5; i++)
        {
            await _kubectl.RunAsync($"create configmap c{i} --from-literal=x={i}");
        }

        Assert.Contains("yes", await _kubectl.RunAsync("auth can-i create pods"), StringComparison.Ordinal);
        Assert.Equal("configmap/c3\n", await _kubectl.RunAsync("get cm --field-selector metadata.name=c3 -o name"));
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], (await _kubectl.RunAsync("get cm --chunk-size=2 -o jsonpath={.items[*].metadata.name}")).Split(' ').Where(n => n != "kube-root-ca.crt"));
        Assert.Contains("c4", await _kubectl.RunAsync("get cm --chunk-size=2"), StringComparison.Ordinal);
        var yaml = await _kubectl.RunAsync("get cm c0 -o yaml --show-managed-fields", errors: true, mayFail: true);
        // kubectl before 1.21 has no such flag: it always shows them.
        Assert.Contains("managedFields", yaml.Contains("unknown flag", StringComparison.Ordinal) ? await _kubectl.RunAsync("get cm c0 -o yaml") : yaml, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex LocalPort();
}
