using System.Runtime.CompilerServices;
using ActorKube.Hosting;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;

namespace Cnat.Tests;

/// <summary>The example of docs/testing.md: it compiles, it holds, and it is what the page shows.</summary>
public sealed class TestingDocsTests
{
    [Fact]
    public async Task The_example_of_the_testing_page_holds()
    {
        var crd = AtDefinition.Load();
        var lunchInAnHour = new At { Metadata = new V1ObjectMeta { Name = "lunch" }, Spec = new AtSpec { Command = "true" } };

        // testing.md: begin
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka
            .WithKubernetes()                                                     // finds the fixture's server by itself
            .WithController<At>(c => c.Owns<V1Pod>().WithReconciler<AtReconciler>()),
            new ActorKubeFixtureOptions { Definitions = [crd] });

        lunchInAnHour.Spec.Schedule = Schedule.Write(kube.Now.AddHours(1));
        await kube.Client.Resource<At>("default").CreateAsync(lunchInAnHour);
        await kube.AdvanceAsync(TimeSpan.FromMinutes(59));
        await kube.Probe.ExpectNoWriteAsync<V1Pod>();

        await kube.AdvanceAsync(TimeSpan.FromMinutes(1));
        var pod = await kube.Probe.ExpectWriteAsync<V1Pod>("default/lunch-pod", "create");
        // testing.md: end

        Assert.Equal("lunch", pod.Metadata.Labels["app"]);
    }

    [Fact]
    public void The_testing_page_shows_this_example()
    {
        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()));
        var source = File.ReadAllLines(ThisFile()).SkipWhile(line => line.Trim() != "// testing.md: begin").Skip(1).TakeWhile(line => line.Trim() != "// testing.md: end");
        Assert.Contains(Flat(source), Flat(File.ReadAllLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "testing.md"))), StringComparison.Ordinal);
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
