using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate crds</c>: definitions, roles and webhook configurations from the classes of an assembly.</summary>
internal static class CrdsCommand
{
    public static Command Create()
    {
        var assembly = new Option<FileInfo>("--assembly") { Description = "The built assembly with the classes. Descriptions come from the XML file beside it (GenerateDocumentationFile).", Required = true };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var role = new Option<string>("--role-name") { Description = "The name of the roles.", DefaultValueFactory = _ => "manager-role" };
        var service = new Option<string>("--webhook-service") { Description = "The service that webhooks are reached at, as NAMESPACE/NAME or NAMESPACE/NAME:PORT.", DefaultValueFactory = _ => "system/webhook-service" };
        var name = new Option<string>("--webhook-name") { Description = "The name of the webhook configurations.", DefaultValueFactory = _ => WebhookManifests.DefaultName };
        var inject = new Option<string?>("--inject-ca-from") { Description = "The certificate of cert-manager's, as NAMESPACE/NAME, whose authority it puts into what names webhooks." };
        var check = GenerateCommand.CheckOption();
        var command = new Command("crds", "Write CustomResourceDefinitions, roles and webhook configurations from classes with [KubernetesEntity] and [RbacRule], and those that are an IValidatingWebhook or IMutatingWebhook.")
        {
            assembly, output, role, service, name, inject, check,
        };
        command.SetAction((parsed, _) => GenerateCommand.Guarded(parsed, () => Task.FromResult(GenerateCommand.Finish(
            parsed.GetRequiredValue(output).FullName,
            Files(Load(parsed.GetRequiredValue(assembly)), parsed.GetRequiredValue(role), Webhooks(parsed.GetRequiredValue(service), parsed.GetRequiredValue(name), parsed.GetValue(inject))),
            parsed.GetValue(check),
            parsed.InvocationConfiguration.Output))));
        return command;
    }

    private static IReadOnlyDictionary<string, string> Files(Assembly assembly, string roleName, WebhookManifests webhooks) => Manifests.Files(assembly, roleName, webhooks) is { Count: > 0 } files
        ? files
        : throw new GenerateException($"{assembly.GetName().Name} has no class with [KubernetesEntity], no [RbacRule], and none that is a webhook.");

    /// <summary>What a command line says of webhooks.</summary>
    /// <exception cref="GenerateException">One of the texts is none; says what is expected.</exception>
    internal static WebhookManifests Webhooks(string service, string name, string? injectCaFrom)
    {
        if (injectCaFrom is not null && injectCaFrom.Split('/') is not [{ Length: > 0 }, { Length: > 0 }]) throw new GenerateException($"--inject-ca-from: '{injectCaFrom}' is not NAMESPACE/NAME of a certificate.");
        if (name.Length == 0) throw new GenerateException("--webhook-name: the configurations need a name.");
        if (service.Split('/') is [{ Length: > 0 } space, { Length: > 0 } rest] && rest.Split(':') is [{ Length: > 0 } host, .. var port])
        {
            if (port.Length == 0) return new WebhookManifests(WebhookAddress.Service(space, host), name, injectCaFrom);
            if (port.Length == 1 && int.TryParse(port[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535)
                return new WebhookManifests(WebhookAddress.Service(space, host, number), name, injectCaFrom);
        }
        throw new GenerateException($"--webhook-service: '{service}' is not NAMESPACE/NAME or NAMESPACE/NAME:PORT of a service.");
    }

    // The program's own copy of this library would have attributes that are not the ones looked for, so that the tool's is used.
    private static Assembly Load(FileInfo file)
    {
        if (!file.Exists) throw new GenerateException($"{file.FullName} is not there: build the project first.");
        var resolver = new AssemblyDependencyResolver(file.FullName);
        var context = new AssemblyLoadContext("program");
        context.Resolving += (loading, name) => resolver.ResolveAssemblyToPath(name) is { } path ? loading.LoadFromAssemblyPath(path) : null;
        return context.LoadFromAssemblyPath(file.FullName);
    }
}
