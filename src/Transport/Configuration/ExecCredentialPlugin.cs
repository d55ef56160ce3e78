using System.Text;

namespace ActorKube.Transport;

/// <summary>
/// A program that prints credentials (an <c>ExecCredential</c> of <c>client.authentication.k8s.io</c>), as kubeconfig's <c>exec</c> describes it. Printing it
/// shows neither arguments nor environment, which may hold secrets.
/// </summary>
public sealed record ExecCredentialPlugin
{
    /// <summary>The version spoken with the program: <c>client.authentication.k8s.io/v1</c> or <c>/v1beta1</c>.</summary>
    public required string ApiVersion { get; init; }
    /// <summary>The program: an absolute path, or a name to look up in <c>PATH</c>.</summary>
    public required string Command { get; init; }
    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>Environment variables for it, beside this process's own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];
    /// <summary>What to tell somebody who lacks the program.</summary>
    public string? InstallHint { get; init; }
    /// <summary>Whether the program is told the cluster's address and CA.</summary>
    public bool ProvideClusterInfo { get; init; }
    /// <summary>Whether the program may use the terminal.</summary>
    public ExecInteractiveMode InteractiveMode { get; init; } = ExecInteractiveMode.IfAvailable;
    /// <summary>
    /// Whether this process reads its standard input itself, so that the program must not: there is then no terminal for it. For the process to say; no kubeconfig does.
    /// </summary>
    public bool StandardInputIsTaken { get; init; }

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"ApiVersion = {ApiVersion}, Command = {Command}, Arguments = {Arguments.Count}, Environment = {Environment.Count}");
        return true;
    }
}

/// <summary>Whether an exec plugin may use the terminal.</summary>
public enum ExecInteractiveMode
{
    /// <summary>It gets the terminal where there is one.</summary>
    IfAvailable,
    /// <summary>It never gets the terminal.</summary>
    Never,
    /// <summary>It fails where there is no terminal.</summary>
    Always
}
