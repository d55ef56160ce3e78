using ActorKube.Models;
using k8s.Models;

namespace OperatorSpace.Tests;

/// <summary>What the webhooks say of a Sprocket, question by question, without any server.</summary>
public sealed class SprocketWebhooksTests
{
    static Sprocket Named(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" } };

    [Fact]
    public async Task A_sprocket_gets_its_label_where_it_has_none()
    {
        var defaults = AdmissionHandlers.Of(new SprocketDefaults());
        var sprocket = Named("first");
        Assert.NotEmpty((await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(sprocket), defaults)).Patch!);

        sprocket.Metadata.Labels = new Dictionary<string, string> { [SprocketDefaults.Label] = "somebody" };
        Assert.True((await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(sprocket), defaults)) is { IsAllowed: true, Patch: null or { Count: 0 } });
    }

    [Fact]
    public async Task A_name_that_is_no_labels_value_is_refused()
    {
        var rules = AdmissionHandlers.Of(new SprocketRules());
        Assert.True((await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(Named(new string('a', SprocketRules.LongestName))), rules)).IsAllowed);

        var refused = await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(Named(new string('a', SprocketRules.LongestName + 1))), rules);
        Assert.False(refused.IsAllowed);
        Assert.Equal("metadata.name", Assert.Single(refused.Status!.Details.Causes).Field);
    }
}
