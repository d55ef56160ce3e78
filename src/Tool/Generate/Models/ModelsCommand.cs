using System.CommandLine;
using System.Reflection;

namespace ActorKube.Tool;

/// <summary>
/// <c>actorkube generate models</c>: the built-in types of <c>src/Models</c> from an OpenAPI v2 document: the one that is checked in, a file,
/// or a live server's.
/// </summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var openApi = new Option<string?>("--openapi") { Description = "A file, or the URL of a server's /openapi/v2. Default: the document of the Kubernetes version that this tool was made for." };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var check = GenerateCommand.CheckOption();
        var command = new Command("models", "Write the built-in Kubernetes types from an OpenAPI v2 document.") { openApi, output, check };
        var reader = new SourceReader();
        reader.AddTo(command);
        command.SetAction((parsed, cancellation) => GenerateCommand.Guarded(parsed, async () =>
        {
            var source = parsed.GetValue(openApi);
            var json = source is null ? Resource("openapi-v2.json") : await reader.ReadAsync(source, parsed, "A Kubernetes API server has it at /openapi/v2.", cancellation);
            var document = OpenApiDocument.Parse(json, source ?? "the built-in document").With(WireTypes());
            var files = ModelWriter.Write(document, BuiltInFacts());
            return GenerateCommand.Finish(parsed.GetRequiredValue(output).FullName, files, parsed.GetValue(check), parsed.InvocationConfiguration.Output);
        }));
        return command;
    }

    /// <summary>The facts that no OpenAPI document has, as they are kept with this tool.</summary>
    public static WireFacts BuiltInFacts() => WireFacts.Parse(Resource("protobuf-fields.json"), Resource("go-fields.json"));

    /// <summary>The OpenAPI document that is kept with this tool.</summary>
    public static OpenApiDocument BuiltInDocument() => OpenApiDocument.Parse(Resource("openapi-v2.json"), "the built-in document").With(WireTypes());

    // What travels between servers, webhooks and clients and is no resource of its own: no server's document has it.
    private static OpenApiDocument WireTypes() => OpenApiDocument.Parse(Resource("wire-types.json"), "the built-in wire types");

    private static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
