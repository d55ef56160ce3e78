namespace ActorKube.Transport;

/// <summary>
/// A configuration that cannot be used. The message says what is wrong, where (file and entry) and what to do about it.
/// It never holds the value of a credential.
/// </summary>
public sealed class KubeConfigException : Exception
{
    /// <summary>A problem that belongs to no single file, such as "no configuration was named".</summary>
    public KubeConfigException(string message) : base(message) { }

    /// <summary>A problem at a place.</summary>
    /// <param name="where">The file, and the entry in it where that is known.</param>
    /// <param name="problem">What is wrong, as half a sentence.</param>
    /// <param name="advice">What to do instead, as a sentence.</param>
    /// <param name="inner">What was found out first, where there is such a thing.</param>
    public KubeConfigException(string where, string problem, string advice, Exception? inner = null)
        : base($"{where}: {problem}. {advice}", inner) => Where = where;

    /// <summary>The file, and the entry in it where that is known; empty where the problem belongs to no file.</summary>
    public string Where { get; } = "";
}
