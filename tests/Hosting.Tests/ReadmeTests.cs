using System.Runtime.CompilerServices;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting.Tests;

/// <summary>The README's controller: it compiles, it works, and it is the text that the README shows.</summary>
public sealed class ReadmeTests
{
    // README: begin
    /// Keeps a greeting in every config map that is labelled greet=…
    sealed class Greeter : IReconciler<V1ConfigMap>
    {
        public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
        {
            if (context.Object is not { } map || map.Metadata.Labels?.ContainsKey("greet") is not true) return ReconcileResult.Done;
            if (map.Data?.ContainsKey("greeting") is true) return ReconcileResult.Done;
            (map.Data ??= new Dictionary<string, string>())["greeting"] = $"hello, {map.Metadata.Name}";
            await context.Client.Resource<V1ConfigMap>(context.Key.Namespace).UpdateAsync(map, cancellation: cancellation);
            context.Logger.LogInformation("greeted {Key}", context.Key);
            return ReconcileResult.Done;
        }
    }
    // README: end

    [Fact]
    public async Task The_controller_of_the_README_greets()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        await using var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 },
            new KubernetesClientOptions { Handler = server.CreateHandler() });
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("greeter", akka => akka
            .WithKubernetes(kube => kube.UseClient(client))
            .WithController<V1ConfigMap>(c => c.WithReconciler<Greeter>()));
        using var host = builder.Build();
        await host.StartAsync();

        await client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = "world", Labels = new Dictionary<string, string> { ["greet"] = "me" } },
        });

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var greeted = await client.Resource(ResourceDefinition.For<V1ConfigMap>(), "default")
            .UntilAsync("world", map => map.As<V1ConfigMap>().Data?.ContainsKey("greeting") is true, patience.Token);
        Assert.Equal("hello, world", greeted.As<V1ConfigMap>().Data["greeting"]);
        await host.StopAsync();
    }

    [Fact]
    public void The_README_shows_this_controller()
    {
        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()));
        var source = File.ReadAllLines(ThisFile()).SkipWhile(line => line.Trim() != "// README: begin").Skip(1).TakeWhile(line => line.Trim() != "// README: end");
        var readme = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "README.md"));
        Assert.Contains(Flat(source), Flat(readme), StringComparison.Ordinal);
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
