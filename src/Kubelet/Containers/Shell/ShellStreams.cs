using System.Text;

namespace ActorKube.Kubelet;

/// <summary>The three streams of a command.</summary>
internal sealed record ShellStreams(Stream Input, Stream Output, Stream Error)
{
    public ValueTask SayAsync(string text) => Output.WriteAsync(Encoding.UTF8.GetBytes(text));

    public ValueTask ComplainAsync(string text) => Error.WriteAsync(Encoding.UTF8.GetBytes(text));
}
