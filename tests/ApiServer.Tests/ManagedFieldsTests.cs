using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class ManagedFieldsTests
{
    [Fact]
    public async Task Nobody_owns_the_time_that_a_template_does_not_set()
    {
        await using var server = await TestServer.StartAsync();
        var deployment = JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);

        var made = await server.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments", deployment);

        var template = made["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:spec"]!["f:template"]!["f:metadata"]!.AsObject();
        Assert.Equal(["f:labels"], template.Select(f => f.Key));
        Assert.True(made["spec"]!["template"]!["metadata"]!.AsObject().ContainsKey("creationTimestamp"));
    }
}
