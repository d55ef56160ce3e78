using System.Reflection;
using System.Runtime.InteropServices;

namespace ActorKube.Transport;

/// <summary>Builds the default user agent. The part before the first slash is what servers record as the field manager.</summary>
internal static class UserAgents
{
    public static string Default()
    {
        var program = Assembly.GetEntryAssembly()?.GetName() ?? typeof(UserAgents).Assembly.GetName();
        var library = typeof(UserAgents).Assembly.GetName();
        var os = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return $"{Clean(program.Name)}/{program.Version?.ToString(3) ?? "0.0.0"} ({os}/{architecture}) actorkube/{library.Version?.ToString(3) ?? "0.0.0"}";
    }

    /// <summary>Header values allow less than file names do.</summary>
    static string Clean(string? name)
    {
        var clean = new string([.. (name ?? "").Where(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_')]);
        return clean.Length == 0 ? "actorkube" : clean;
    }
}
