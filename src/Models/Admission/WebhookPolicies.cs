namespace ActorKube.Models;

/// <summary>What an API server does when it cannot ask a webhook.</summary>
public enum WebhookFailurePolicy
{
    /// <summary>It refuses what it would have asked about.</summary>
    Fail,

    /// <summary>It goes on without the webhook.</summary>
    Ignore,
}

/// <summary>What a webhook does beside answering: a server asks about dry runs only where that is nothing.</summary>
public enum WebhookSideEffects
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Something, but not for dry runs.</summary>
    NoneOnDryRun,
}

/// <summary>How a webhook's rules are read.</summary>
public enum WebhookMatchPolicy
{
    /// <summary>A request for another version of the same resource is converted and asked about too.</summary>
    Equivalent,

    /// <summary>Only requests for the versions that the rules name are asked about.</summary>
    Exact,
}

/// <summary>Whether a mutating webhook sees an object again when another changed it later.</summary>
public enum WebhookReinvocationPolicy
{
    /// <summary>No.</summary>
    Never,

    /// <summary>Yes.</summary>
    IfNeeded,
}
