using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests.Admission;

[KubernetesEntity(Group = "stable.example.com", ApiVersion = "v1", Kind = "CronTab", PluralName = "crontabs")]
public sealed class CronTab : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "stable.example.com/v1";
    public string Kind { get; set; } = "CronTab";
    public V1ObjectMeta Metadata { get; set; } = new();
    public CronTabSpec Spec { get; set; } = new();

    public sealed class CronTabSpec
    {
        public string? CronSpec { get; set; }
        public int? Replicas { get; set; }
        public IList<Step>? Steps { get; set; }
        public IList<string>? Days { get; set; }
    }

    public sealed class Step
    {
        public string? Name { get; set; }
        public string? Image { get; set; }
    }
}

/// <summary>A webhook that says what a test wants.</summary>
sealed class Says(Func<AdmissionRequest<CronTab>, AdmissionResponse> answer) : IValidatingWebhook<CronTab>, IMutatingWebhook<CronTab>
{
    public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation) => Task.FromResult(answer(request));

    public Task<AdmissionResponse> MutateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation) => Task.FromResult(answer(request));
}
