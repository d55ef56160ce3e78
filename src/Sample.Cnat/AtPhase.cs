namespace Cnat;

/// <summary>The values of <c>status.phase</c>.</summary>
public static class AtPhase
{
    /// <summary>Not yet due. Also meant by an empty phase; it is never written.</summary>
    public const string Pending = "PENDING";

    /// <summary>Due: its pod is made and watched.</summary>
    public const string Running = "RUNNING";

    /// <summary>Its pod has ended, well or badly.</summary>
    public const string Done = "DONE";
}
