using ActorKube.Tool;

namespace Tool.Tests;

public class ClientsGeneratorTests
{
    static IReadOnlyDictionary<string, string> Files { get; } = ClientWriter.Write(ModelsCommand.BuiltInDocument(), ModelsCommand.BuiltInFacts());

    [Fact]
    public void Generating_the_built_in_clients_again_changes_nothing()
    {
        Assert.Empty(GeneratedFiles.Write(Repository.Path("src", "Transport", "Generated"), Files, check: true));
        Assert.Equal(21, Files.Count);
    }

    [Theory]
    [InlineData("CoreV1Client.cs", "IResourceClient<V1Pod> Pods(string? @namespace = null)")]
    [InlineData("CoreV1Client.cs", "IResourceClient<V1Node> Nodes =>")]
    [InlineData("CoreV1Client.cs", "ISingleResourceClient<V1Namespace> Namespaces =>")]
    [InlineData("CoreV1Client.cs", "IPlainResourceClient<V1ConfigMap> ConfigMaps(string? @namespace = null)")]
    [InlineData("CoreV1Client.cs", "IResourceReader<V1ComponentStatus> ComponentStatuses =>")]
    [InlineData("NetworkingV1Client.cs", "IPlainResourceClient<V1NetworkPolicy> NetworkPolicies(string? @namespace = null)")]
    [InlineData("AuthenticationV1Client.cs", "IResourceCreator<V1TokenReview> TokenReviews =>")]
    [InlineData("AuthorizationV1Client.cs", "IResourceCreator<V1LocalSubjectAccessReview> LocalSubjectAccessReviews(string @namespace)")]
    [InlineData("StorageV1Client.cs", "IPlainResourceClient<V1CSIStorageCapacity> CSIStorageCapacities(")]
    [InlineData("AutoscalingV2Client.cs", "IResourceClient<V2HorizontalPodAutoscaler> HorizontalPodAutoscalers(")]
    public void Each_resource_is_a_member_of_the_shape_its_verbs_allow(string file, string member) => Assert.Contains(member, Files[file]);
}
