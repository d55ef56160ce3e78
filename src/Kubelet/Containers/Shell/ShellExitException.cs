namespace ActorKube.Kubelet;

/// <summary>The shell ends here and now.</summary>
internal sealed class ShellExitException(int code, bool stopped = false) : Exception($"exit {code}")
{
    /// <summary>The simulator stops the process: no part of it goes on.</summary>
    public bool Stopped => stopped;

    public int Code => code;
}
