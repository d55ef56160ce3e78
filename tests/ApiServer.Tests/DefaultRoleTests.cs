using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>The roles that a cluster begins with are a real 1.32's.</summary>
public sealed class DefaultRoleTests
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Theory]
    [InlineData(true, 64, 45, 7, 7)]
    [InlineData(false, 11, 5, 0, 0)]
    public async Task A_cluster_begins_with_the_roles_of_a_real_one_all_of_them_where_they_are_enforced(bool enforced, int roles, int bindings, int namespaced, int namespacedBindings)
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = enforced });
        var counts = new List<int>();
        foreach (var plural in (string[])["clusterroles", "clusterrolebindings", "roles", "rolebindings"])
        {
            counts.Add((await server.OkAsync("GET", $"{Rbac}/{plural}"))["items"]!.AsArray().Count);
        }

        Assert.Equal([roles, bindings, namespaced, namespacedBindings], counts);
        var admin = await server.OkAsync("GET", $"{Rbac}/clusterroles/admin");
        Assert.Equal("true", (string?)admin["aggregationRule"]!["clusterRoleSelectors"]![0]!["matchLabels"]!["rbac.authorization.k8s.io/aggregate-to-admin"]);
        Assert.Contains(admin["rules"]!.AsArray(), r => r!["resources"]!.ToJsonString().Contains("rolebindings", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("system:kube-scheduler", null, "create", "", "pods", "binding", true)]
    [InlineData("system:kube-scheduler", null, "delete", "", "nodes", "", false)]
    [InlineData("system:serviceaccount:kube-system:deployment-controller", null, "update", "apps", "deployments", "status", true)]
    [InlineData("system:serviceaccount:kube-system:deployment-controller", null, "delete", "", "secrets", "", false)]
    [InlineData("system:serviceaccount:kube-system:generic-garbage-collector", null, "delete", "anything.example", "things", "", true)]
    [InlineData("system:serviceaccount:kube-system:endpoint-controller", null, "create", "", "endpoints", "", true)]
    [InlineData("system:kube-proxy", null, "list", "discovery.k8s.io", "endpointslices", "", true)]
    [InlineData("somebody", "system:monitoring", "list", "", "pods", "", false)]
    public async Task The_parts_of_a_control_plane_may_do_what_is_theirs(string user, string? group, string verb, string apiGroup, string resource, string subresource, bool allowed)
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });
        var review = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["user"] = user, ["groups"] = group is null ? [] : new JsonArray(group),
                ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["group"] = apiGroup, ["resource"] = resource, ["subresource"] = subresource, ["namespace"] = "default" },
            },
        };

        var (code, answer) = await server.SendAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);

        Assert.Equal((HttpStatusCode.Created, allowed), (code, (bool)answer["status"]!["allowed"]!));
    }
}
