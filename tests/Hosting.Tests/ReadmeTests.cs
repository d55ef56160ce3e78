using System.Runtime.CompilerServices;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
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

    // Compiled only: it would look for a cluster.
    static async Task Operating(string[] args)
    {
        // operating: begin
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddKubernetesEndpoints();                                   // /healthz /livez /readyz /metrics on 127.0.0.1:8080
        builder.Services.AddAkka("greeter", akka => akka
            .WithKubernetes(builder.Configuration.GetSection("Kubernetes"))          // what operators may change, checked when the host starts
            .WithController<V1ConfigMap>(c => c.WithReconciler<Greeter>()));
        await builder.Build().RunAsync();
        // operating: end
    }

    [Theory]
    [InlineData("README", "README.md")]
    [InlineData("operating", "docs/operating.md")]
    public void The_page_shows_this_code(string marker, string page)
    {
        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()));
        Assert.NotNull((Func<string[], Task>)Operating);
        var source = File.ReadAllLines(ThisFile()).SkipWhile(line => line.Trim() != $"// {marker}: begin").Skip(1).TakeWhile(line => line.Trim() != $"// {marker}: end");
        var shown = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", page));
        Assert.Contains(Flat(source), Flat(shown), StringComparison.Ordinal);
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
