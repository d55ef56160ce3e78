using System.CommandLine;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate clients</c>: <c>client.CoreV1.Pods("ns")</c> and its like for every built-in group, from the OpenAPI document kept with this tool.</summary>
internal static class ClientsCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var check = GenerateCommand.CheckOption();
        var command = new Command("clients", "Write the typed clients of the built-in groups.") { output, check };
        command.SetAction((parsed, _) => GenerateCommand.Guarded(parsed, () => Task.FromResult(GenerateCommand.Finish(
            parsed.GetRequiredValue(output).FullName, ClientWriter.Write(ModelsCommand.BuiltInDocument(), ModelsCommand.BuiltInFacts()), parsed.GetValue(check), parsed.InvocationConfiguration.Output))));
        return command;
    }
}
