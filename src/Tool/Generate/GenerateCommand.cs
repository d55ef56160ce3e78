using System.CommandLine;

namespace ActorKube.Tool;

/// <summary><c>actorkube generate</c>: writes code from API descriptions and API descriptions from code.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var command = new Command("generate", "Write classes from OpenAPI documents and CRDs, and CRDs from classes.");
        command.Add(ModelsCommand.Create());
        command.Add(ClientsCommand.Create());
        command.Add(ApplyConfigurationsCommand.Create());
        command.Add(ClassesCommand.Create());
        command.Add(CrdsCommand.Create());
        return command;
    }

    /// <summary>The option that every generator has: to change nothing and fail where something would change.</summary>
    public static Option<bool> CheckOption() => new("--check") { Description = "Change nothing; fail if anything would change. For CI." };

    /// <summary>Writes or checks, tells the user, and gives the exit code.</summary>
    public static int Finish(string folder, IReadOnlyDictionary<string, string> files, bool check, TextWriter output)
    {
        var changes = GeneratedFiles.Write(folder, files, check);
        foreach (var change in changes) output.WriteLine(change);
        output.WriteLine(changes.Count == 0
            ? $"{files.Count} files in {folder} are as they should be."
            : check
                ? $"{changes.Count} of {files.Count} files in {folder} are not what would be generated: run the same command without --check."
                : $"{changes.Count} of {files.Count} files in {folder} written.");
        return check && changes.Count > 0 ? 1 : 0;
    }

    /// <summary>Runs an action whose failures are the user's to mend: one line for each, and exit code 2.</summary>
    public static async Task<int> Guarded(ParseResult parsed, Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception fault) when (fault is GenerateException or IOException or UnauthorizedAccessException or HttpRequestException or FormatException or ArgumentException or BadImageFormatException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"actorkube generate: {fault.Message}");
            return 2;
        }
    }
}
