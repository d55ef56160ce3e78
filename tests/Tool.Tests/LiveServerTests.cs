using System.CommandLine;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Tool;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using Tool.Tests.Generated;

namespace Tool.Tests;

/// <summary>What is generated from a server, and what is generated for custom resources at work on one.</summary>
public sealed class LiveServerTests
{
    [Fact]
    public async Task The_built_in_types_are_generated_from_a_live_server()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { AnonymousIsAdministrator = false });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Path("token"), server.Token + "\n");
        await File.WriteAllTextAsync(folder.Path("ca.pem"), server.CaPem);
        var output = Path.Combine(folder.Root, "models");

        var (code, said) = await Generate("models", "--openapi", $"{server.Uri}openapi/v2", "--token-file", folder.Path("token"), "--certificate-authority", folder.Path("ca.pem"), "--output", output);

        Assert.Equal(0, code);
        Assert.Contains("files in", said);
        // The same as from the document that is kept with the tool, but for the version that the first lines name.
        var kept = Repository.Path("src", "Models", "Generated");
        var files = Directory.GetFiles(kept, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(kept, file)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(files, Directory.GetFiles(output, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(output, file)).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(Code(Path.Combine(kept, file)), Code(Path.Combine(output, file))));
    }

    [Fact]
    public async Task Classes_are_generated_from_the_definitions_of_a_live_server()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions());
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(server.Kubeconfig)) with { Qps = -1 });
        await client.ApiextensionsV1.CustomResourceDefinitions.CreateAsync(CustomResource.Definition(typeof(V1Backup), typeof(V1beta1Backup)));
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Path("token"), server.Token);
        await File.WriteAllTextAsync(folder.Path("ca.pem"), server.CaPem);
        var definitions = $"{server.Uri}apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        foreach (var (source, output) in new[] { (definitions, "all"), ($"{definitions}/backups.store.example.com", "one") })
        {
            var (code, said) = await Generate("classes", "--crd", source, "--token-file", folder.Path("token"), "--certificate-authority", folder.Path("ca.pem"), "--namespace", "Tool.Tests.Generated", "--all", "--output", folder.Path(output));

            Assert.True(code == 0, said);
            var kept = Repository.Path("tests", "Tool.Tests", "Generated");
            Assert.All(Directory.GetFiles(kept), file => Assert.Equal(Code(file), Code(Path.Combine(folder.Path(output), Path.GetFileName(file)))));
        }
    }

    [Theory]
    [InlineData(true, false, "401")]
    [InlineData(false, true, "--certificate-authority")]
    public async Task A_server_that_cannot_be_read_is_one_message_and_an_exit_code(bool trusts, bool hasToken, string says)
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { AnonymousIsAdministrator = false });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Path("token"), hasToken ? server.Token : "wrong");
        await File.WriteAllTextAsync(folder.Path("ca.pem"), server.CaPem);
        string[] authority = trusts ? ["--certificate-authority", folder.Path("ca.pem")] : [];

        var (code, said) = await Generate(["models", "--openapi", $"{server.Uri}openapi/v2", "--token-file", folder.Path("token"), .. authority, "--output", folder.Root]);

        Assert.Equal(2, code);
        Assert.Contains(says, said);
        Assert.DoesNotContain(server.Token, said);
    }

    [Fact]
    public async Task A_token_is_not_sent_in_the_clear()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Path("token"), "t");

        var (code, said) = await Generate("models", "--openapi", "http://kubernetes.example.com/openapi/v2", "--token-file", folder.Path("token"), "--output", folder.Root);

        Assert.Equal(2, code);
        Assert.Contains("use https", said);
    }

    [Fact]
    public async Task A_custom_resource_is_created_applied_extracted_and_listed_with_what_was_generated()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://embedded"), Token = server.Token, Qps = -1 }, new KubernetesClientOptions { Handler = server.CreateHandler() });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await EstablishAsync(client, CustomResource.Definition(typeof(V1Backup), typeof(V1beta1Backup)), limit.Token);
        var backups = client.StoreV1.Backups;
        var wanted = new V1BackupApplyConfiguration("nightly")
            .WithLabels(new Dictionary<string, string> { ["tier"] = "gold" })
            .WithSpec(new V1BackupSpecApplyConfiguration()
                .WithMinimum(1).WithMaximum(5).WithSchedule("0 3 * * *").WithMode("Full").WithRatio(0.5).WithWhen(new DateTime(2027, 1, 31, 12, 0, 0, DateTimeKind.Utc))
                .WithRetention(new V1BackupSpecRetentionApplyConfiguration().WithDays(3))
                .WithTargets(new V1BackupSpecTargetApplyConfiguration().WithName("disk").WithZone("a"), new V1BackupSpecTargetApplyConfiguration().WithName("disk").WithZone("b"))
                .WithMatrix([1.5, 2], [3]));

        await backups.ApplyAsync(wanted, new ApplyOptions("me"), cancellation: limit.Token);
        await backups.ApplyAsync(new V1BackupApplyConfiguration("nightly").WithSpec(new V1BackupSpecApplyConfiguration().WithTargets(new V1BackupSpecTargetApplyConfiguration().WithName("tape").WithZone("a"))), new ApplyOptions("you"), cancellation: limit.Token);
        var stored = await backups.GetAsync("nightly", cancellation: limit.Token);

        Assert.Equal(["a", "b", "a"], stored.Spec.Targets.Select(target => target.Zone));
        Assert.Equal([[1.5, 2], [3]], stored.Spec.Matrix!);
        // What each owns is told apart by the keys that the class gives its list.
        var mine = V1BackupApplyConfiguration.Extract(stored, "me").ToJson();
        Assert.Equal(["disk", "disk"], mine["spec"]!["targets"]!.AsArray().Select(target => (string?)target!["name"]));
        var yours = V1BackupApplyConfiguration.Extract(stored, "you").ToJson()["spec"]!.AsObject();
        Assert.Equal("""{"targets":[{"name":"tape","zone":"a"}]}""", yours.ToJsonString());

        var system = ActorSystem.Create("lister");
        try
        {
            var lister = await V1BackupLister.StartAsync(system.AddKubernetes(client), cancellation: limit.Token);
            Assert.Equal("nightly", Assert.Single(lister.List(LabelSelector.Parse("tier=gold"))).Metadata.Name);
            Assert.Empty(lister.List(LabelSelector.Parse("tier=lead")));
            Assert.Equal("0 3 * * *", lister.Get("nightly")!.Spec.Schedule);
            Assert.Null(lister.Get("weekly"));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static async Task EstablishAsync(KubernetesClient client, V1CustomResourceDefinition definition, CancellationToken cancellation)
    {
        var definitions = client.ApiextensionsV1.CustomResourceDefinitions;
        await definitions.CreateAsync(definition, cancellation: cancellation);
        await foreach (var change in definitions.WatchAsync(cancellation: cancellation))
        {
            if (change.Object?.Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true) return;
        }
    }

    private static string Code(string file) => string.Join('\n', File.ReadLines(file).Where(line => !line.StartsWith("// Written by", StringComparison.Ordinal)));

    private static async Task<(int Code, string Said)> Generate(params string[] arguments)
    {
        var said = new StringWriter();
        var code = await GenerateCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = said, Error = said });
        return (code, said.ToString());
    }
}
