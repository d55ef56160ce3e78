namespace Akka.Streams.Supervision;

/// <summary>What to do about an exception from a user function inside a stage.</summary>
public enum Directive
{
    /// <summary>The stage fails, and the stream with it.</summary>
    Stop,

    /// <summary>The element is dropped and the stage goes on with its state.</summary>
    Resume,

    /// <summary>The element is dropped and the stage starts anew, its accumulated state forgotten.</summary>
    Restart,
}

/// <summary>Turns an exception into a directive. Called by running stages, from any thread.</summary>
public delegate Directive Decider(Exception cause);

/// <summary>Deciders that treat every exception alike.</summary>
public static class Deciders
{
    public static readonly Decider StoppingDecider = _ => Directive.Stop;
    public static readonly Decider ResumingDecider = _ => Directive.Resume;
    public static readonly Decider RestartingDecider = _ => Directive.Restart;
}
