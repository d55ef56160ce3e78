using System.CommandLine;
using System.Reflection;
using System.Runtime.Loader;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate crds</c>: definitions and roles from the classes of an assembly.</summary>
internal static class CrdsCommand
{
    public static Command Create()
    {
        var assembly = new Option<FileInfo>("--assembly") { Description = "The built assembly with the classes. Descriptions come from the XML file beside it (GenerateDocumentationFile).", Required = true };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var role = new Option<string>("--role-name") { Description = "The name of the roles.", DefaultValueFactory = _ => "manager-role" };
        var check = GenerateCommand.CheckOption();
        var command = new Command("crds", "Write CustomResourceDefinitions and roles from classes with [KubernetesEntity] and [RbacRule].") { assembly, output, role, check };
        command.SetAction((parsed, _) => GenerateCommand.Guarded(parsed, () => Task.FromResult(GenerateCommand.Finish(
            parsed.GetRequiredValue(output).FullName,
            Files(Load(parsed.GetRequiredValue(assembly)), parsed.GetRequiredValue(role)),
            parsed.GetValue(check),
            parsed.InvocationConfiguration.Output))));
        return command;
    }

    private static IReadOnlyDictionary<string, string> Files(Assembly assembly, string roleName) =>
        Manifests.Files(assembly, roleName) is { Count: > 0 } files ? files : throw new GenerateException($"{assembly.GetName().Name} has no class with [KubernetesEntity] and no [RbacRule].");

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
