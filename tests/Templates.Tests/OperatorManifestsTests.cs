using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;

namespace Templates.Tests;

/// <summary>What <c>kubectl apply -k config</c> sends to a cluster.</summary>
[Collection(TemplateCollection.Name)]
public sealed class OperatorManifestsTests(TemplatePackage package)
{
    [Theory]
    [InlineData("true", "false")]
    [InlineData("false", "false")]
    [InlineData("true", "true")]
    public async Task A_strict_server_takes_all_manifests_and_the_sample(string namespaced, string webhooks)
    {
        var folder = package.Folder("ShopOperator");
        await package.MakeAsync("actorkube-operator", folder, "--kind", "Backup", "--group", "shop.acme.io", "--namespaced", namespaced, "--webhooks", webhooks);
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        await using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Uri }, new KubernetesClientOptions { Handler = server.CreateHandler() });
        var config = Path.Combine(folder, "config");
        var resources = KubeYaml.ParseNode(await File.ReadAllTextAsync(Path.Combine(config, "kustomization.yaml")))["resources"]!.AsArray().Select(static file => (string)file!);

        // Where webhooks are told of, nobody answers here whether the sample may be stored.
        foreach (var found in resources.Concat(webhooks == "true" ? [] : ["samples/backup.yaml"]).SelectMany(file => KubeYaml.LoadAll(File.ReadAllText(Path.Combine(config, file)))))
        {
            var resource = ResourceDefinition.ForBuiltIn(found.GroupVersionKind) ?? new ResourceDefinition(found.GroupVersionKind, "backups", namespaced == "true");
            var @namespace = found.GetString("metadata", "namespace");
            Assert.Equal(resource.Namespaced, @namespace is not null);
            await client.Resource(resource, @namespace).CreateAsync(KubeObject.Parse(KubeJson.Serialize(found.Root)), new CreateOptions { FieldValidation = FieldValidation.Strict });
        }
    }
}
