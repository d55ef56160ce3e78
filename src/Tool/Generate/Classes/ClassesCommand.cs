using System.CommandLine;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate classes</c>: classes for custom resources from their definitions.</summary>
internal static class ClassesCommand
{
    public static Command Create()
    {
        var crds = new Option<string[]>("--crd") { Description = "A file with CustomResourceDefinitions (YAML or JSON), or a folder of such files.", Required = true, AllowMultipleArgumentsPerToken = true };
        var @namespace = new Option<string>("--namespace") { Description = "The C# namespace of the classes.", Required = true };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var check = GenerateCommand.CheckOption();
        var command = new Command("classes", "Write classes for custom resources from their definitions.") { crds, @namespace, output, check };
        command.SetAction((parsed, _) => GenerateCommand.Guarded(() => Task.FromResult(GenerateCommand.Finish(
            parsed.GetRequiredValue(output).FullName,
            Files(parsed.GetRequiredValue(crds).SelectMany(Inputs), parsed.GetRequiredValue(@namespace)),
            parsed.GetValue(check),
            Console.Out))));
        return command;
    }

    /// <summary>The classes for the definitions in some files, by path.</summary>
    public static SortedDictionary<string, string> Files(IEnumerable<string> inputs, string @namespace)
    {
        if (!ClassSource.IsNamespace(@namespace)) throw new GenerateException($"'{@namespace}' is not a C# namespace.");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in inputs)
        {
            foreach (var crd in CrdDocument.ReadAll(File.ReadAllText(input), input))
            {
                foreach (var (path, text) in ClassWriter.Write(crd, @namespace))
                {
                    if (!files.TryAdd(path, text)) throw new GenerateException($"{input}: another definition has given {path} already. Write the two into different namespaces and folders.");
                }
            }
        }
        return files.Count > 0 ? files : throw new GenerateException("There is no CustomResourceDefinition in what was given.");
    }

    private static IEnumerable<string> Inputs(string path)
    {
        if (!Directory.Exists(path)) return [path];
        return Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".yaml" or ".yml" or ".json").Order(StringComparer.Ordinal);
    }
}
