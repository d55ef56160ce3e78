using ActorKube.ApiServer;
using ActorKube.Kubelet;

namespace ApiServer.Tests;

/// <summary>The real kubectl against the server, over TLS.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
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
    public async Task Applies_twice_gets_describes_patches_labels_and_deletes()
    {
        await _kubectl.FileAsync("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n");
        Assert.Contains("configmap/a created", await _kubectl.RunAsync("apply -f cm.yaml"), StringComparison.Ordinal);
        await _kubectl.FileAsync("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '2'}\n");
        Assert.Contains("configmap/a configured", await _kubectl.RunAsync("apply -f cm.yaml"), StringComparison.Ordinal);
        Assert.Equal("2", await _kubectl.RunAsync("get cm a -o jsonpath={.data.x}"));
        Assert.Contains("DATA", await _kubectl.RunAsync("get cm"), StringComparison.Ordinal);
        Assert.Contains("kind: ConfigMap", await _kubectl.RunAsync("get cm a -o yaml"), StringComparison.Ordinal);
        Assert.Contains("Name:", await _kubectl.RunAsync("describe cm a"), StringComparison.Ordinal);
        Assert.Contains("patched", await _kubectl.RunAsync("patch cm a --type=merge -p {\"data\":{\"y\":\"3\"}}"), StringComparison.Ordinal);
        Assert.Contains("labeled", await _kubectl.RunAsync("label cm a l=v"), StringComparison.Ordinal);
        Assert.Contains("configmap/a", await _kubectl.RunAsync("get cm -l l=v -o name"), StringComparison.Ordinal);
        Assert.Contains("deleted", await _kubectl.RunAsync("delete cm a"), StringComparison.Ordinal);
        // kubectl before 1.21 calls it an error that what it should wait for has gone already.
        Assert.Contains((await _kubectl.RunAsync("wait --for=delete cm/a --timeout=10s", errors: true, mayFail: true)).Trim(), (string[])["", "error: no matching resources found"]);
    }

    [KubectlFact]
    public async Task Runs_a_pod_watches_it_and_waits_for_its_end()
    {
        await _kubectl.FileAsync("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  restartPolicy: Always\n  containers: [{name: c, image: busybox}]\n");
        Assert.Contains("pod/p created", await _kubectl.RunAsync("create -f pod.yaml"), StringComparison.Ordinal);
        await _kubectl.RunAsync("wait --for=condition=Ready pod/p --timeout=20s");
        var wide = await _kubectl.RunAsync("get pods -o wide");
        Assert.Contains("Running", wide, StringComparison.Ordinal);
        Assert.Contains("simulated-node", wide, StringComparison.Ordinal);
        Assert.Contains("Node:", await _kubectl.RunAsync("describe pod p"), StringComparison.Ordinal);
        await _kubectl.RunAsync("delete pod p --wait=true");
        Assert.Contains("No resources found", await _kubectl.RunAsync("get pods", errors: true), StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Discovers_resources_and_custom_ones_with_their_columns()
    {
        await _kubectl.FileAsync("crd.yaml", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.tests.example}
            spec:
              group: tests.example
              scope: Namespaced
              names: {plural: widgets, kind: Widget, shortNames: [wi]}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
                additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
            """);
        Assert.Contains("created", await _kubectl.RunAsync("apply -f crd.yaml"), StringComparison.Ordinal);
        Assert.Contains("Widget", await _kubectl.RunAsync("api-resources"), StringComparison.Ordinal);
        await _kubectl.FileAsync("w.yaml", "apiVersion: tests.example/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n");
        await _kubectl.RunAsync("apply -f w.yaml");
        await _kubectl.FileAsync("w.yaml", "apiVersion: tests.example/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 4}\n");
        await _kubectl.RunAsync("apply -f w.yaml");
        var table = await _kubectl.RunAsync("get wi");
        Assert.Contains("SIZE", table, StringComparison.Ordinal);
        Assert.Contains("4", table, StringComparison.Ordinal);
        Assert.Contains("v1.32", await _kubectl.RunAsync("version"), StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Refuses_an_unknown_field_before_anything_is_stored()
    {
        await _kubectl.FileAsync("bad.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n  containerz: []\n  containers: [{name: c, image: i}]\n");

        var answer = await _kubectl.RunAsync("apply -f bad.yaml", errors: true, mayFail: true);

        Assert.Contains("containerz", answer, StringComparison.Ordinal);
        Assert.Contains("NotFound", await _kubectl.RunAsync("get pod bad", errors: true, mayFail: true), StringComparison.Ordinal);
    }
}
