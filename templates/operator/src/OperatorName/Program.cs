using ActorKube.Hosting;
using ActorKube.Transport;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OperatorSpace;

// Settings lie beside the program, wherever it is started from.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
{
    ["--kubeconfig"] = "Kubernetes:Kubeconfig",
    ["--context"] = "Kubernetes:Context",
});
var kubernetes = builder.Configuration.GetSection("Kubernetes");
try
{
    // A cluster that nobody named is never touched: without a name the operator runs on one of its own, which goes with it.
    await using var local = LocalRun.IsWanted(kubernetes) ? await LocalRun.StartAsync() : null;
    if (local is not null)
        builder.Services.AddKubernetesClient(local.Configuration);

    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddKubernetesEndpoints(builder.Configuration.GetSection("Endpoints"));
    //#if (webhooks)
    // Webhooks are where API servers find them: in the process that has the cluster in it, or behind the service in the cluster. No cluster finds those of a program elsewhere.
    if (local is not null)
        builder.Services.AddKubernetesWebhooks(builder.Configuration.GetSection("Webhooks"), webhooks => webhooks.WithOperatorWebhooks().OnLoopback());
    else if (kubernetes.GetValue("InCluster", false))
        builder.Services.AddKubernetesWebhooks(builder.Configuration.GetSection("Webhooks"), webhooks => webhooks.WithOperatorWebhooks().BehindTheService());
    //#endif
    builder.Services.AddAkka("operator-name", akka => akka.WithKubernetes(kubernetes).WithOperator());
    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (Exception error) when (error is KubeConfigException or OptionsValidationException or IOException)
{
    // What a person can mend is told in a sentence.
    await Console.Error.WriteLineAsync($"operator-name: {error.Message}");
    return 1;
}
