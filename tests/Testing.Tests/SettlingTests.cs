using System.Globalization;
using ActorKube.Actors;
using ActorKube.Hosting;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>At rest means at rest: many short worlds, in which whatever is still on its way when the test goes on would be found out.</summary>
public sealed class SettlingTests
{
    const int Rounds = 25;
    const string Step = "step";

    static V1ConfigMap Map(string name) => new() { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string>(StringComparer.Ordinal) { [Step] = "0" } };

    static int StepOf(V1ConfigMap map) => int.Parse(map.Data[Step], CultureInfo.InvariantCulture);

    [Fact]
    public async Task Steps_that_only_a_watch_can_bring_are_all_taken_also_when_watches_time_out_in_between()
    {
        for (var round = 0; round < Rounds; round++)
        {
            ActorKubeFixture? world = null;
            // Its writes go through the test's own client: nothing but the watch leads from one step to the next.
            await using var kube = world = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("steps")
                .WithReconciler(async (context, cancellation) =>
                {
                    if (context.Object is not { } map || !map.Data.ContainsKey(Step))
                        return ReconcileResult.Done;
                    var step = StepOf(map);
                    if (step == 0 && map.Metadata.CreationTimestamp!.Value.AddMinutes(59) is var due && world!.Now < due)
                        return ReconcileResult.RequeueAfter(due - world.Now);
                    if (step == 3)
                        return ReconcileResult.Done;
                    map.Data[Step] = (step + 1).ToString(CultureInfo.InvariantCulture);
                    await world!.Client.Resource<V1ConfigMap>("default").UpdateAsync(map, cancellation: cancellation);
                    return ReconcileResult.Done;
                })));
            for (var i = 0; i < 20; i++)
                await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Map($"map-{i}"));
            // Watches time out on either side within this hour.
            await kube.AdvanceAsync(TimeSpan.FromHours(1));
            var maps = await kube.Client.Resource<V1ConfigMap>("default").ListAsync();
            Assert.All(maps.Items.Where(static m => m.Data.ContainsKey(Step)), map => Assert.True(StepOf(map) == 3, $"round {round}: {map.Metadata.Name} is at step {StepOf(map)}"));
        }
    }

    [Fact]
    public async Task What_came_and_went_again_has_been_heard_of()
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("listener")
            .Watches<V1Secret>(static secret => [new NamespacedName("default", secret.Metadata.Name)])
            .WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done))));
        for (var round = 0; round < Rounds * 8; round++)
        {
            await kube.Client.Resource<V1Secret>("default").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = $"brief-{round}" } });
            await kube.Client.Resource<V1Secret>("default").DeleteAsync($"brief-{round}");
            await kube.SettleAsync();
            kube.Probe.Forget();
            await kube.Probe.ExpectSilenceAsync($"default/brief-{round}");
        }
    }
}
