using System.CommandLine;
using System.Text;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary>What is written for a custom resource beside its classes.</summary>
[Flags]
internal enum ClassExtras
{
    /// <summary>Nothing: the classes alone, which need <c>ActorKube.Models</c>.</summary>
    None = 0,

    /// <summary>What server-side apply takes; needs <c>ActorKube.Models</c>.</summary>
    ApplyConfigurations = 1,

    /// <summary>A member a resource for every client; needs <c>ActorKube.Transport</c>.</summary>
    Clients = 2,

    /// <summary>Reading from shared caches; needs <c>ActorKube.Actors</c>.</summary>
    Listers = 4,

    All = ApplyConfigurations | Clients | Listers,
}

/// <summary><c>actorkube generate classes</c>: classes for custom resources from their definitions, and what goes with them.</summary>
internal static class ClassesCommand
{
    public static Command Create()
    {
        var crds = new Option<string[]>("--crd") { Description = "A file with CustomResourceDefinitions (YAML or JSON), a folder of such files, or a server's URL of one or all (/apis/apiextensions.k8s.io/v1/customresourcedefinitions).", AllowMultipleArgumentsPerToken = true };
        var openApi = new Option<string?>("--openapi") { Description = "An OpenAPI v2 document: a file, or the URL of a server's /openapi/v2. For what that server has built in beyond ActorKube's models." };
        var groupVersions = new Option<string[]>("--group-version") { Description = "With --openapi: a group and version to write, such as resource.k8s.io/v1beta1.", AllowMultipleArgumentsPerToken = true };
        var @namespace = new Option<string>("--namespace") { Description = "The C# namespace of the classes.", Required = true };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var apply = new Option<bool>("--apply-configurations") { Description = "Also write what server-side apply takes of each class." };
        var clients = new Option<bool>("--clients") { Description = "Also write a typed client for each group and version (needs ActorKube.Transport)." };
        var listers = new Option<bool>("--listers") { Description = "Also write a lister over shared caches for each resource (needs ActorKube.Actors)." };
        var all = new Option<bool>("--all") { Description = "Write all of these." };
        var check = GenerateCommand.CheckOption();
        var command = new Command("classes", "Write classes for custom resources from their definitions, and for other resources from an OpenAPI document.") { crds, openApi, groupVersions, @namespace, output, apply, clients, listers, all, check };
        var reader = new SourceReader();
        reader.AddTo(command);
        command.SetAction((parsed, cancellation) => GenerateCommand.Guarded(parsed, async () =>
        {
            var extras = parsed.GetValue(all) ? ClassExtras.All
                : (parsed.GetValue(apply) ? ClassExtras.ApplyConfigurations : 0) | (parsed.GetValue(clients) ? ClassExtras.Clients : 0) | (parsed.GetValue(listers) ? ClassExtras.Listers : 0);
            var inputs = new List<(string Source, CrdDocument Crd)>();
            foreach (var source in (parsed.GetValue(crds) ?? []).SelectMany(Inputs))
            {
                var text = Encoding.UTF8.GetString(await reader.ReadAsync(source, parsed, "An API server has them at /apis/apiextensions.k8s.io/v1/customresourcedefinitions.", cancellation));
                inputs.AddRange(CrdDocument.ReadAll(text, source).Select(crd => (source, crd)));
            }
            if (parsed.GetValue(openApi) is { } document)
            {
                var json = await reader.ReadAsync(document, parsed, "A Kubernetes API server has it at /openapi/v2.", cancellation);
                inputs.AddRange(Kinds(OpenApiDocument.Parse(json, document), parsed.GetValue(groupVersions) ?? []).Select(crd => (document, crd)));
            }
            var files = Files(inputs, parsed.GetRequiredValue(@namespace), extras);
            return GenerateCommand.Finish(parsed.GetRequiredValue(output).FullName, files, parsed.GetValue(check), parsed.InvocationConfiguration.Output);
        }));
        return command;
    }

    /// <summary>The code for the definitions in some files, by path.</summary>
    public static SortedDictionary<string, string> Files(IEnumerable<string> files, string @namespace, ClassExtras extras = ClassExtras.None) =>
        Files(files.SelectMany(file => CrdDocument.ReadAll(File.ReadAllText(file), file).Select(crd => (file, crd))), @namespace, extras);

    /// <summary>The code for the kinds that a document has in some versions, by path.</summary>
    /// <exception cref="GenerateException">No version is named, or the document does not have it.</exception>
    public static SortedDictionary<string, string> Files(OpenApiDocument document, IReadOnlyList<string> groupVersions, string @namespace, ClassExtras extras = ClassExtras.None) =>
        Files(Kinds(document, groupVersions).Select(crd => (document.Title, crd)), @namespace, extras);

    private static IEnumerable<CrdDocument> Kinds(OpenApiDocument document, IReadOnlyList<string> groupVersions)
    {
        if (groupVersions.Count == 0) throw new GenerateException("Say which versions of the document to write: --group-version resource.k8s.io/v1beta1.");
        return OpenApiKinds.Of(document, [.. groupVersions.Select(GroupVersion.Parse)]);
    }

    private static SortedDictionary<string, string> Files(IEnumerable<(string Source, CrdDocument Crd)> inputs, string @namespace, ClassExtras extras)
    {
        if (!ClassSource.IsNamespace(@namespace)) throw new GenerateException($"'{@namespace}' is not a C# namespace.");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var versions = new List<VersionCode>();
        foreach (var (input, crd) in inputs)
        {
            foreach (var code in ClassWriter.Write(crd, @namespace))
            {
                versions.Add(code);
                Add($"{code.Types[0].Name}.cs", code.Classes, input);
                if (extras.HasFlag(ClassExtras.ApplyConfigurations)) Add($"{code.Types[0].Name}{ApplyConfigurationWriter.Suffix}.cs", ApplyConfigurations(code, @namespace), input);
                if (extras.HasFlag(ClassExtras.Listers)) Add($"{code.Types[0].Name}Lister.cs", ListerWriter.Write(code.Types[0], @namespace, code.Source), input);
            }
        }
        if (extras.HasFlag(ClassExtras.Clients))
        {
            foreach (var (path, text) in ClientWriter.Write(versions, @namespace)) Add(path, text, "the definitions");
        }
        return files.Count > 0 ? files : throw new GenerateException("There is no CustomResourceDefinition in what was given. Name some with --crd, or a document with --openapi and --group-version.");

        void Add(string path, string text, string input)
        {
            if (!files.TryAdd(path, text)) throw new GenerateException($"{input}: another definition has given {path} already. Write the two into different namespaces and folders.");
        }
    }

    private static string ApplyConfigurations(VersionCode code, string @namespace)
    {
        var text = new StringBuilder($"""
            // <auto-generated>
            // Written by `actorkube generate classes` from {code.Source}; what is changed here is lost.
            // </auto-generated>
            #nullable enable
            using System;
            using System.Collections.Generic;
            using System.Text.Json.Nodes;
            using ActorKube.Models.ApplyConfigurations;
            using k8s.Models;

            namespace {@namespace};


            """);
        var writer = new ApplyConfigurationWriter(code.Types.ToDictionary(type => type.Name), new HashSet<string> { "V1Condition" });
        return text.Append(string.Join('\n', code.Types.Select(writer.Class))).ToString();
    }

    private static IEnumerable<string> Inputs(string path)
    {
        if (!Directory.Exists(path)) return [path];
        return Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".yaml" or ".yml" or ".json").Order(StringComparer.Ordinal);
    }
}
