using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cnat.Tests;

/// <summary>The operator, whole, on an API server without a socket.</summary>
public sealed class CnatJourneyTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly CancellationTokenSource _patience = new(Patience);
    EmbeddedApiServer _server = null!;
    IHost _host = null!;
    IKubernetesClient _client = null!;

    IResourceClient<At> Ats => _client.Resource<At>("default");

    IResourceClient<V1Pod> Pods => _client.Resource<V1Pod>("default");

    public async Task InitializeAsync()
    {
        // No simulator: the tests say what becomes of a pod.
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, Pods = null });
        _client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 },
            new KubernetesClientOptions { Handler = _server.CreateHandler() });
        await AtDefinition.InstallAsync(_client, _patience.Token);
        _host = CnatApp.Build(new CnatOptions(), services => services.AddSingleton(_client));
        await _host.StartAsync(_patience.Token);
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _patience.Dispose();
    }

    Task<At> CreateAsync(string name, string schedule) =>
        Ats.CreateAsync(new At { Metadata = new V1ObjectMeta { Name = name }, Spec = new AtSpec { Schedule = schedule, Command = "echo YAY" } }, cancellation: _patience.Token);

    static string Overdue => Schedule.Write(DateTimeOffset.UtcNow.AddHours(-1));

    async Task<At> UntilAsync(string name, Func<At, bool> condition)
    {
        var raw = _client.Resource(ResourceDefinition.For<At>(), "default");
        return (await raw.UntilAsync(name, seen => condition(seen.As<At>()), _patience.Token)).As<At>();
    }

    async Task<V1Pod> UntilPodAsync(string name, Func<V1Pod, bool>? condition = null)
    {
        var raw = _client.Resource(ResourceDefinition.For<V1Pod>(), "default");
        return (await raw.UntilAsync(name, seen => condition?.Invoke(seen.As<V1Pod>()) ?? true, _patience.Token)).As<V1Pod>();
    }

    async Task EndAsync(V1Pod pod, string phase)
    {
        pod.Status = new V1PodStatus { Phase = phase };
        await Pods.UpdateStatusAsync(pod, cancellation: _patience.Token);
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public async Task An_overdue_At_runs_in_a_pod_and_is_done_when_the_pod_has_ended(string end)
    {
        await CreateAsync("overdue", Overdue);
        var pod = await UntilPodAsync("overdue-pod");
        var at = await UntilAsync("overdue", at => at.Status?.Phase == AtPhase.Running);
        Assert.True(pod.IsControlledBy(at));
        await EndAsync(pod, end);
        await UntilAsync("overdue", at => at.Status?.Phase == AtPhase.Done);
    }

    [Fact]
    public async Task An_At_that_is_not_due_waits_and_gets_no_status()
    {
        await CreateAsync("early", Schedule.Write(DateTimeOffset.UtcNow.AddHours(1)));
        // A later object that has run shows that the earlier one has been looked at.
        await CreateAsync("overdue", Overdue);
        await UntilPodAsync("overdue-pod");
        Assert.Null((await Ats.GetAsync("early")).Status);
        Assert.DoesNotContain((await Pods.ListAsync()).Items, pod => pod.Metadata.Name == "early-pod");
    }

    [Fact]
    public async Task An_At_that_becomes_due_runs_by_its_own_timer()
    {
        await CreateAsync("soon", Schedule.Write(DateTimeOffset.UtcNow.AddSeconds(2)));
        await UntilPodAsync("soon-pod");
        await UntilAsync("soon", at => at.Status?.Phase == AtPhase.Running);
    }

    [Fact]
    public async Task A_lost_pod_is_made_again()
    {
        await CreateAsync("overdue", Overdue);
        var first = await UntilPodAsync("overdue-pod");
        await Pods.DeleteAsync("overdue-pod", new DeleteOptions { GracePeriodSeconds = 0 });
        await UntilPodAsync("overdue-pod", pod => pod.Metadata.Uid != first.Metadata.Uid);
    }

    [Fact]
    public async Task The_pod_goes_with_its_At()
    {
        await CreateAsync("overdue", Overdue);
        await UntilPodAsync("overdue-pod");
        await Ats.DeleteAsync("overdue", cancellation: _patience.Token);
        await _client.Resource(ResourceDefinition.For<V1Pod>(), "default").UntilDeletedAsync("overdue-pod", _patience.Token);
        // Its owner is gone: nobody makes it again.
        await CreateAsync("another", Overdue);
        await UntilPodAsync("another-pod");
        Assert.DoesNotContain((await Pods.ListAsync()).Items, pod => pod.Metadata.Name == "overdue-pod");
    }

    [Fact]
    public async Task A_pod_that_is_not_ours_is_neither_trusted_nor_touched()
    {
        await Pods.CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "overdue-pod" },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "x", Image = "x" }] },
        });
        var foreign = await Pods.GetAsync("overdue-pod");
        await EndAsync(foreign, "Succeeded");
        await CreateAsync("overdue", Overdue);
        var at = await UntilAsync("overdue", at => at.Status?.Conditions.IsStatusConditionFalse(AtCondition.PodAvailable) is true);
        Assert.Equal(AtPhase.Running, at.Status!.Phase);
        Assert.Contains("overdue-pod", at.Status.Conditions.FindStatusCondition(AtCondition.PodAvailable).Message, StringComparison.Ordinal);
        Assert.Equal(foreign.Metadata.Uid, (await Pods.GetAsync("overdue-pod")).Metadata.Uid);
    }

    [Fact]
    public async Task A_schedule_that_does_not_parse_is_refused_once_and_recovers_when_corrected()
    {
        await CreateAsync("bad", "tomorrow at noon");
        var at = await UntilAsync("bad", at => at.Status?.Conditions.IsStatusConditionFalse(AtCondition.ScheduleValid) is true);
        var condition = at.Status!.Conditions.FindStatusCondition(AtCondition.ScheduleValid);
        Assert.Equal("InvalidSchedule", condition.Reason);
        Assert.Contains(Schedule.Format, condition.Message, StringComparison.Ordinal);

        var events = _client.Resource(ResourceDefinition.For<Corev1Event>(), "default").ListWatch();
        var told = (await events.UntilAsync(seen => seen.Object!.As<Corev1Event>() is { Reason: "InvalidSchedule", InvolvedObject.Name: "bad" }, cancellation: _patience.Token)).Object!.As<Corev1Event>();
        Assert.Equal("Warning", told.Type);
        Assert.Contains(Schedule.Format, told.Message, StringComparison.Ordinal);

        // Not retried: had it been looked at and written again, its version would have moved on.
        await CreateAsync("overdue", Overdue);
        await UntilPodAsync("overdue-pod");
        Assert.Equal(at.Metadata.ResourceVersion, (await Ats.GetAsync("bad")).Metadata.ResourceVersion);

        await Ats.PatchAsync("bad", Patch.Merge($$$"""{"spec":{"schedule":"{{{Overdue}}}"}}"""));
        var pod = await UntilPodAsync("bad-pod");
        await EndAsync(pod, "Succeeded");
        at = await UntilAsync("bad", at => at.Status?.Phase == AtPhase.Done);
        Assert.True(at.Status!.Conditions.IsStatusConditionTrue(AtCondition.ScheduleValid));
    }
}
