using System.CommandLine;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate apply-configurations</c>: the builders of <c>src/Models/ApplyConfigurations</c> from the document that is kept with this tool.</summary>
internal static class ApplyConfigurationsCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var check = GenerateCommand.CheckOption();
        var command = new Command("apply-configurations", "Write what server-side apply takes of every built-in kind.") { output, check };
        command.SetAction((parsed, _) => GenerateCommand.Guarded(parsed, () =>
        {
            var files = ApplyConfigurationWriter.Write(ModelsCommand.BuiltInDocument(), ModelsCommand.BuiltInFacts());
            return Task.FromResult(GenerateCommand.Finish(parsed.GetRequiredValue(output).FullName, files, parsed.GetValue(check), parsed.InvocationConfiguration.Output));
        }));
        return command;
    }
}
