using ActorKube.Models;

namespace Models.Tests.Naming;

public sealed class NamesTests
{
    [Theory]
    [InlineData("deployments.v1.apps", "apps/v1/deployments")]
    [InlineData("roles.v1.rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1/roles")]
    [InlineData("pods.v1.", "v1/pods")]
    public void A_full_resource_argument_names_version_and_group(string text, string printed)
    {
        Assert.True(GroupVersionResource.TryParseArgument(text, out var resource));
        Assert.Equal(printed, resource.ToString());
        Assert.Equal(resource, GroupVersionResource.Parse(printed));
    }

    [Theory]
    [InlineData("deployments.apps")]
    [InlineData("pods")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(".v1.apps")]
    [InlineData("pods..apps")]
    public void A_short_resource_argument_is_no_full_one(string? text) => Assert.False(GroupVersionResource.TryParseArgument(text, out _));

    [Theory]
    [InlineData("deployments.apps", "deployments", "apps")]
    [InlineData("ats.cnat.programming-kubernetes.info", "ats", "cnat.programming-kubernetes.info")]
    [InlineData("pods", "pods", "")]
    public void A_short_resource_names_its_group(string text, string resource, string group)
    {
        Assert.Equal(new GroupResource(group, resource), GroupResource.Parse(text));
        Assert.Equal(text, GroupResource.Parse(text).ToString());
        Assert.Equal(new GroupKind(group, resource), GroupKind.Parse(text));
    }

    [Fact]
    public void A_kind_argument_names_version_and_group()
    {
        Assert.True(GroupVersionKind.TryParseArgument("Deployment.v1.apps", out var kind));
        Assert.Equal(new GroupVersionKind("apps", "v1", "Deployment"), kind);
        Assert.False(GroupVersionKind.TryParseArgument("Deployment.apps", out _));
    }

    [Fact]
    public void What_names_nothing_is_refused()
    {
        Assert.Throws<FormatException>(() => GroupResource.Parse(""));
        Assert.Throws<FormatException>(() => GroupKind.Parse(".apps"));
        Assert.Throws<FormatException>(() => GroupVersionResource.Parse("pods"));
        Assert.Throws<FormatException>(() => GroupVersionResource.Parse("v1/"));
        Assert.Throws<FormatException>(() => GroupVersionResource.Parse("a/b/c/d"));
    }

    [Fact]
    public void Versions_are_ordered_by_stability_and_number()
    {
        // The example in the documentation of custom resource definition versioning.
        string[] ordered = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
        var shuffled = ordered.Reverse().ToArray();
        Array.Sort(shuffled, VersionPriority.Instance);
        Assert.Equal(ordered, shuffled);
    }

    [Fact]
    public void Names_compare_by_group_then_name_then_version()
    {
        GroupVersionKind[] ordered = [new("", "v1", "Pod"), new("apps", "v1", "DaemonSet"), new("apps", "v1", "Deployment"), new("apps", "v1beta1", "Deployment")];
        Assert.Equal(ordered, ordered.Reverse().Order());
        GroupVersionResource[] resources = [new("", "v1", "pods"), new("apps", "v1", "a"), new("apps", "v1beta1", "a"), new("apps", "v1", "b")];
        Assert.Equal(resources, resources.Reverse().Order());
        NamespacedName[] keys = [new("", "z"), new("a", "b"), new("a", "c"), new("b", "a")];
        Assert.Equal(keys, keys.Reverse().Order());
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("my-name.example.com", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a..b", false)]
    [InlineData("A", false)]
    [InlineData("a_b", false)]
    public void Subdomains_are_told_apart(string name, bool valid) => Assert.Equal(valid, NameRules.CheckDns1123Subdomain(name).Count == 0);

    [Fact]
    public void What_is_wrong_with_a_name_is_told_as_servers_do()
    {
        Assert.Equal(
            ["a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"],
            NameRules.CheckDns1123Subdomain("Bad_Name"));
        Assert.Equal(["must not contain dots"], NameRules.CheckDns1123Label("a.b"));
        Assert.Equal(["must be no more than 63 characters"], NameRules.CheckDns1123Label(new string('a', 64)));
        Assert.Single(NameRules.CheckDns1035Label("1a"));
        Assert.Equal(
            ["name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"],
            NameRules.CheckQualifiedName("bad key"));
    }
}
