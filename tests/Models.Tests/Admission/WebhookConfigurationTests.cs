using ActorKube.Models;
using k8s.Models;

namespace Models.Tests.Admission;

/// <summary>What servers are told of webhooks.</summary>
public sealed class WebhookConfigurationTests
{
    sealed class Plain : IValidatingWebhook<CronTab>
    {
        public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation) => Task.FromResult(AdmissionResponse.Allow());
    }

    [AdmissionWebhook(
        Name = "pods.example.com", Path = "/pods", Operations = AdmissionOperations.Create | AdmissionOperations.Delete, Resources = ["pods", "pods/status"], ResourceVersions = ["*"],
        FailurePolicy = WebhookFailurePolicy.Ignore, SideEffects = WebhookSideEffects.NoneOnDryRun, MatchPolicy = WebhookMatchPolicy.Exact, ReinvocationPolicy = WebhookReinvocationPolicy.IfNeeded,
        TimeoutSeconds = 5, NamespaceSelector = "tier in (back,front),a=b,!c,d", ObjectSelector = "x!=y")]
    [MatchCondition("second", "true"), MatchCondition("first", "request.name != 'x'")]
    sealed class Everything : IMutatingWebhook<V1Pod>, IValidatingWebhook<V1Deployment>
    {
        public Task<AdmissionResponse> MutateAsync(AdmissionRequest<V1Pod> request, CancellationToken cancellation) => Task.FromResult(AdmissionResponse.Allow());

        public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<V1Deployment> request, CancellationToken cancellation) => Task.FromResult(AdmissionResponse.Allow());
    }

    [Fact]
    public void Classes_are_configurations_by_what_they_implement()
    {
        var objects = WebhookConfigurations.Of(AdmissionWebhookSpec.Of([typeof(Plain), typeof(WebhookConfigurationTests), typeof(string)]), WebhookAddress.Service("shop", "hooks"), "shop");

        JsonAssert.Equal(
            """
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"shop"},"webhooks":[{"name":"validate-v1-crontab.stable.example.com",
              "clientConfig":{"service":{"namespace":"shop","name":"hooks","path":"/validate-stable-example-com-v1-crontab"}},"admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail","matchPolicy":"Equivalent",
              "rules":[{"apiGroups":["stable.example.com"],"apiVersions":["v1"],"resources":["crontabs"],"operations":["CREATE","UPDATE"]}]}]}
            """, KubeJson.SerializeToString((object)Assert.Single(objects)));
    }

    [Fact]
    public void An_attribute_says_all_that_a_configuration_can_say() => JsonAssert.Equal(
        """
        {"name":"pods.example.com","clientConfig":{"url":"https://127.0.0.1:9443/pods","caBundle":"YQ=="},"admissionReviewVersions":["v1"],"sideEffects":"NoneOnDryRun","failurePolicy":"Ignore","matchPolicy":"Exact",
         "reinvocationPolicy":"IfNeeded","timeoutSeconds":5,"rules":[{"apiGroups":[""],"apiVersions":["*"],"resources":["pods","pods/status"],"operations":["CREATE","DELETE"]}],
         "namespaceSelector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"c","operator":"DoesNotExist"},{"key":"d","operator":"Exists"},{"key":"tier","operator":"In","values":["back","front"]}]},
         "objectSelector":{"matchExpressions":[{"key":"x","operator":"NotIn","values":["y"]}]},
         "matchConditions":[{"name":"first","expression":"request.name != 'x'"},{"name":"second","expression":"true"}]}
        """,
        KubeJson.SerializeToString(AdmissionWebhookSpec.Mutating<V1Pod>(typeof(Everything)).ToMutating(WebhookAddress.At(new Uri("https://127.0.0.1:9443")) with { CaBundle = [(byte)'a'] })));

    [Fact]
    public void Names_and_paths_are_made_of_the_kind()
    {
        Assert.Equal(("validate-v1-pod.core.k8s.io", "/validate--v1-pod"), (AdmissionWebhookSpec.Validating<V1Pod>().Name, AdmissionWebhookSpec.Validating<V1Pod>().Path));
        Assert.Equal(("mutate-v1-deployment.apps.k8s.io", "/mutate-apps-v1-deployment"), (AdmissionWebhookSpec.Mutating<V1Deployment>().Name, AdmissionWebhookSpec.Mutating<V1Deployment>().Path));
    }

    [Fact]
    public void Two_webhooks_have_two_names_and_two_paths()
    {
        // The attribute gives both roles of the class one path.
        Assert.Contains("at /pods", Assert.Throws<ArgumentException>(() => AdmissionWebhookSpec.Of([typeof(Everything)])).Message);
        var plain = AdmissionWebhookSpec.Validating<CronTab>();
        Assert.Contains("named validate-v1-crontab", Assert.Throws<ArgumentException>(() => AdmissionWebhookSpec.Check([plain, plain with { Path = "/other" }])).Message);
    }

    [Fact]
    public void What_no_server_would_take_is_refused_with_what_to_change()
    {
        var plain = AdmissionWebhookSpec.Validating<CronTab>();
        string Refusal(AdmissionWebhookSpec spec) => Assert.Throws<ArgumentException>(() => spec.ToValidating(WebhookAddress.Service("a", "b"))).Message;

        Assert.Contains("at least three parts", Refusal(plain with { Name = "a.b" }));
        Assert.Contains("begins with '/'", Refusal(plain with { Path = "x" }));
        Assert.Contains("1 to 30", Refusal(plain with { TimeoutSeconds = 31 }));
        Assert.Contains("about nothing", Refusal(plain with { Rules = [] }));
        Assert.Contains("no label selector", Refusal(plain with { NamespaceSelector = "((" }));
        Assert.Contains("compares numbers", Refusal(plain with { ObjectSelector = "a>1" }));
        Assert.Contains("https", Assert.Throws<ArgumentException>(() => WebhookAddress.At(new Uri("http://x"))).Message);
        Assert.Throws<ArgumentException>(() => WebhookAddress.At(new Uri("https://x/?a=b")));
        Assert.Throws<ArgumentOutOfRangeException>(() => WebhookAddress.Service("a", "b", 0));
        Assert.Throws<ArgumentException>(() => AdmissionWebhookSpec.Validating<Unstructured>());
    }

    [Fact]
    public void An_address_knows_its_certificates_names()
    {
        Assert.Equal(["hooks.shop.svc", "hooks.shop.svc.cluster.local", "hooks.shop", "hooks"], WebhookAddress.Service("shop", "hooks").HostNames);
        Assert.Equal(["::1"], WebhookAddress.At(new Uri("https://[::1]:9443/below/")).HostNames);
        Assert.Equal("https://[::1]:9443/below/x", WebhookAddress.At(new Uri("https://[::1]:9443/below/")).Of("/x").Url);
        Assert.Equal(("/convert", 8443), (WebhookAddress.Service("shop", "hooks", 8443).OfConversion("/convert").Service.Path, WebhookAddress.Service("shop", "hooks", 8443).OfConversion("/convert").Service.Port));
    }
}
