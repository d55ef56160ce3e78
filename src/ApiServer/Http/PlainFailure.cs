namespace ActorKube.ApiServer;

/// <summary>A failure that the real server tells in plain text, before any of its handlers is asked.</summary>
internal sealed class PlainFailure(int code, Func<string, string> text) : Exception
{
    public int Code => code;

    /// <summary>What it says of a request for a path.</summary>
    public string TextFor(string path) => text(path);
}
