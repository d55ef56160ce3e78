using System.Reflection;
using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Models.ApplyConfigurations;
using k8s.Models;

namespace Models.Tests.ApplyConfigurations;

public sealed class ApplyConfigurationTests
{
    static readonly MergeSchema Deployment = MergeSchema.For(new GroupVersionKind("apps", "v1", "Deployment"))!;

    static JsonObject Apply(JsonObject? live, JsonObject configuration, string manager, string subresource = "") =>
        new ServerSideApply(new FixedTime()).Apply(live, configuration, new FieldWrite(manager, "apps/v1", Deployment, subresource));

    [Fact]
    public void Says_what_was_set_and_nothing_else()
    {
        var wanted = new V1DeploymentApplyConfiguration("web", "default")
            .WithLabels(new Dictionary<string, string> { ["app"] = "web" })
            .WithSpec(new V1DeploymentSpecApplyConfiguration()
                .WithReplicas(0)
                .WithPaused(false)
                .WithStrategy(new V1DeploymentStrategyApplyConfiguration().WithRollingUpdate(new V1RollingUpdateDeploymentApplyConfiguration().WithMaxSurge("25%").WithMaxUnavailable(1)))
                .WithTemplate(new V1PodTemplateSpecApplyConfiguration().WithSpec(new V1PodSpecApplyConfiguration()
                    .WithContainers(new V1ContainerApplyConfiguration().WithName("main").WithArgs("a", "").WithResources(
                        new V1ResourceRequirementsApplyConfiguration().WithLimits(new Dictionary<string, ResourceQuantity> { ["cpu"] = "0.5" })))
                    .WithContainers(new V1ContainerApplyConfiguration().WithName("side")))));
        Json.Equal(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default","labels":{"app":"web"}},
             "spec":{"replicas":0,"paused":false,"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}},
             "template":{"spec":{"containers":[{"name":"main","args":["a",""],"resources":{"limits":{"cpu":"500m"}}},{"name":"side"}]}}}}
            """,
            wanted.ToJson());
        Json.Equal(wanted.ToJson(), JsonNode.Parse(wanted.ToKubeObject().ToJson()));
        Assert.Equal(0, wanted.As<V1Deployment>().Spec.Replicas);
        Assert.Null(wanted.As<V1Deployment>().Spec.MinReadySeconds);
        Assert.Equal("V1DeploymentApplyConfiguration", wanted.ToString());
    }

    [Fact]
    public void Metadata_keeps_name_and_namespace()
    {
        var wanted = new V1ConfigMapApplyConfiguration("one", "n")
            .WithMetadata(new V1ObjectMetaApplyConfiguration().WithName("two").WithNamespaceProperty("m").WithLabels(new Dictionary<string, string> { ["a"] = "1" }))
            .WithFinalizers("x.test/a").WithFinalizers("x.test/b")
            .WithOwnerReferences(new V1OwnerReferenceApplyConfiguration().WithApiVersion("v1").WithKind("Pod").WithName("p").WithUid("u"))
            .WithAnnotations(new Dictionary<string, string> { ["k"] = "v" })
            .WithResourceVersion("7");
        Json.Equal(
            """
            {"name":"one","namespace":"n","labels":{"a":"1"},"finalizers":["x.test/a","x.test/b"],"annotations":{"k":"v"},"resourceVersion":"7",
             "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}]}
            """,
            wanted.ToJson()["metadata"]);
        Assert.Throws<ArgumentException>(() => new V1NamespaceApplyConfiguration(""));
    }

    [Fact]
    public void Times_bytes_and_free_values_are_written_as_servers_read_them()
    {
        var time = new DateTime(2025, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        Json.Equal("\"2025-01-02T03:04:05.678000Z\"", new V1LeaseSpecApplyConfiguration().WithRenewTime(time).ToJson()["renewTime"]);
        Json.Equal("\"2025-01-02T03:04:05Z\"", new V1PodStatusApplyConfiguration().WithStartTime(time).ToJson()["startTime"]);
        Json.Equal("""{"a":"AQI="}""", new V1SecretApplyConfiguration("s", "n").WithData(new Dictionary<string, byte[]> { ["a"] = [1, 2] }).ToJson()["data"]);
        Json.Equal("""{"x":[1]}""", new V1ControllerRevisionApplyConfiguration("r", "n").WithData(Json.Of("""{"x":[1]}""")!).ToJson()["data"]);
    }

    [Fact]
    public void Extracts_what_a_manager_owns_to_change_and_apply_again()
    {
        var live = Apply(null, new V1DeploymentApplyConfiguration("web", "n").WithLabels(new Dictionary<string, string> { ["a"] = "1" })
            .WithSpec(new V1DeploymentSpecApplyConfiguration().WithReplicas(1).WithTemplate(new V1PodTemplateSpecApplyConfiguration().WithSpec(new V1PodSpecApplyConfiguration().WithContainers(
                new V1ContainerApplyConfiguration().WithName("main").WithImage("m").WithPorts(new V1ContainerPortApplyConfiguration().WithContainerPort(80)))))).ToJson(), "alpha");
        live = Apply(live, new V1DeploymentApplyConfiguration("web", "n")
            .WithSpec(new V1DeploymentSpecApplyConfiguration().WithPaused(true).WithTemplate(new V1PodTemplateSpecApplyConfiguration().WithSpec(new V1PodSpecApplyConfiguration().WithContainers(
                new V1ContainerApplyConfiguration().WithName("main").WithWorkingDir("/w"), new V1ContainerApplyConfiguration().WithName("side"))))).ToJson(), "beta");
        live = Apply(live, new V1DeploymentApplyConfiguration("web", "n").WithStatus(new V1DeploymentStatusApplyConfiguration().WithReplicas(1)).ToJson(), "alpha", "status");
        // The server fills in what keys leave out.
        live["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["protocol"] = "TCP";
        var typed = KubeJson.Deserialize<V1Deployment>(live.ToJsonString());

        var alpha = V1DeploymentApplyConfiguration.Extract(typed, "alpha");
        Json.Equal(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"n","labels":{"a":"1"}},
             "spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"main","image":"m","ports":[{"containerPort":80,"protocol":"TCP"}]}]}}}}
            """,
            alpha.ToJson());
        Json.Equal(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"n"},
             "spec":{"paused":true,"template":{"spec":{"containers":[{"name":"main","workingDir":"/w"},{"name":"side"}]}}}}
            """,
            V1DeploymentApplyConfiguration.Extract(typed, "beta").ToJson());
        Json.Equal("""{"replicas":1}""", V1DeploymentApplyConfiguration.Extract(typed, "alpha", "status").ToJson()["status"]);
        Json.Equal("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"n"}}""", V1DeploymentApplyConfiguration.Extract(typed, "nobody").ToJson());

        // Applied again as it was extracted, nothing changes.
        Json.Equal(live["spec"], Apply(live, alpha.ToJson(), "alpha")["spec"]);
    }

    [Fact]
    public void Every_served_kind_has_a_configuration()
    {
        var configurations = typeof(ApplyConfiguration).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ApplyConfiguration))).Select(type => type.Name).ToHashSet();
        var kinds = ResourceDefinition.BuiltIn.Select(definition => ModelSchema.For(definition.Kind)!.Type).Where(type => type.GetProperty("Metadata")?.PropertyType == typeof(V1ObjectMeta));
        Assert.All(kinds, kind => Assert.Contains(kind.Name + "ApplyConfiguration", configurations));
        Assert.True(configurations.Count > 400);
    }

    [Fact]
    public void Every_field_of_every_type_can_be_set()
    {
        foreach (var type in typeof(ApplyConfiguration).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ApplyConfiguration)) && type.IsSealed))
        {
            var model = typeof(V1Pod).Assembly.GetType("k8s.Models." + type.Name[..^"ApplyConfiguration".Length])!;
            var setters = type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Select(method => method.Name).ToHashSet();
            var isKind = type.BaseType!.Name.StartsWith("KindApplyConfiguration", StringComparison.Ordinal);
            foreach (var property in model.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                if (property.Name == "ManagedFields" || (isKind && property.Name is "ApiVersion" or "Kind")) continue;
                Assert.True(setters.Contains("With" + property.Name), $"{type.Name} lacks With{property.Name}");
            }
        }
    }
}
