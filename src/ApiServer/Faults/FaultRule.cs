namespace ActorKube.ApiServer;

/// <summary>What a fault rule does to the requests that it meets.</summary>
public enum FaultAction
{
    /// <summary>Answers with <see cref="FaultRule.StatusCode"/> and a Status.</summary>
    Fail,

    /// <summary>Answers 409 Conflict, as if somebody else had written the object.</summary>
    Conflict,

    /// <summary>Answers 410 Expired; an open watch gets it as an ERROR event and ends.</summary>
    Expire,

    /// <summary>Breaks the connection without an answer; an open watch is cut in the middle.</summary>
    Abort,

    /// <summary>Ends a watch cleanly, as a server does at its timeout.</summary>
    CloseWatch,

    /// <summary>Lets the request pass after <see cref="FaultRule.Delay"/>.</summary>
    Delay,
}

/// <summary>One rule of a <see cref="FaultInjector"/>. What is null meets everything.</summary>
public sealed record FaultRule(FaultAction Action)
{
    /// <summary><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>.</summary>
    public string? Verb { get; init; }

    /// <summary>Plural name of the resource.</summary>
    public string? Resource { get; init; }

    /// <summary>API group; "" is the core group.</summary>
    public string? Group { get; init; }

    /// <summary>Namespace in the request's path.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name in the request's path.</summary>
    public string? Name { get; init; }

    /// <summary>How many requests it meets before it is used up; null for all.</summary>
    public int? Times { get; init; }

    /// <summary>How many matching requests pass first.</summary>
    public int After { get; init; }

    /// <summary>Share of the matching requests that it meets, from 0 to 1; drawn from the injector's seeded generator.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Status code of <see cref="FaultAction.Fail"/>.</summary>
    public int StatusCode { get; init; } = 500;

    /// <summary>Seconds of the Retry-After header; 0 for none.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>How long <see cref="FaultAction.Delay"/> waits, on the server's clock.</summary>
    public TimeSpan Delay { get; init; }
}
