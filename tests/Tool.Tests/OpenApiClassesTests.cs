using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Tool;
using k8s.Models;

namespace Tool.Tests;

/// <summary>Classes of what a server has built in, from its OpenAPI document: for versions that ActorKube's own models do not have. Tried on those that they have, to compare.</summary>
public sealed class OpenApiClassesTests
{
    private static readonly string[] Versions = ["batch/v1", "autoscaling/v2", "autoscaling/v1", "apiextensions.k8s.io/v1", "networking.k8s.io/v1"];

    [Fact]
    public void They_compile_and_read_and_write_as_the_built_in_ones_do()
    {
        using var folder = new TemporaryFolder();
        var files = ClassesCommand.Files(ModelsCommand.BuiltInDocument(), Versions, "Written", ClassExtras.All);
        Assert.Superset(
            new HashSet<string> { "Job.cs", "CronJobApplyConfiguration.cs", "V2HorizontalPodAutoscaler.cs", "V1HorizontalPodAutoscaler.cs", "IngressLister.cs", "CustomResourceDefinition.cs", "BatchV1Client.cs" },
            files.Keys.ToHashSet());
        Assert.DoesNotContain("JobList.cs", files.Keys);
        var assembly = Compiled.Of(folder, files.Values);

        Same(new V1Job
        {
            Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["x"] = "y" } },
            Spec = new V1JobSpec
            {
                Completions = 2, Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["p"] = "q" } },
                    Spec = new V1PodSpec
                    {
                        Containers = [new V1Container { Name = "c", Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = "500m" } }, LivenessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Port = "http" } } }]
                    }
                }
            },
            Status = new V1JobStatus { Active = 1, StartTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) }
        }, "Written.Job");
        Same(new V2HorizontalPodAutoscaler
        {
            Metadata = new V1ObjectMeta { Name = "a" },
            Spec = new V2HorizontalPodAutoscalerSpec { MaxReplicas = 3, ScaleTargetRef = new V2CrossVersionObjectReference { Kind = "Deployment", Name = "web" }, Metrics = [new V2MetricSpec { Type = "Resource" }] }
        }, "Written.V2HorizontalPodAutoscaler");

        void Same(object built, string name)
        {
            var type = assembly.GetType(name, throwOnError: true)!;
            Assert.Equal(ResourceDefinition.For(built.GetType()), ResourceDefinition.For(type));
            var json = KubeObject.From(built).ToJson();
            var again = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(json, type, KubeJson.Options), type, KubeJson.Options);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), again), $"{json}\n{again}");
        }
    }

    [Fact]
    public async Task The_command_line_names_document_and_versions_and_says_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        var document = Repository.Path("src", "Models", "openapi", "openapi-v2.json");
        Assert.Equal(0, await GenerateCommand.Create().Parse($"classes --openapi {document} --group-version coordination.k8s.io/v1 --namespace A --output {folder.Root}").InvokeAsync());
        Assert.True(File.Exists(folder.Path("Lease.cs")));
        foreach (var arguments in new[] { $"--openapi {document}", $"--openapi {document} --group-version nowhere.k8s.io/v1", "" })
            Assert.Equal(2, await GenerateCommand.Create().Parse($"classes {arguments} --namespace A --output {folder.Root}").InvokeAsync());
        var fault = Assert.Throws<GenerateException>(() => ClassesCommand.Files(ModelsCommand.BuiltInDocument(), ["resource.k8s.io/v1beta1"], "A"));
        Assert.Contains("serves nothing in resource.k8s.io/v1beta1. It has: v1, admissionregistration.k8s.io/v1", fault.Message);
    }
}
