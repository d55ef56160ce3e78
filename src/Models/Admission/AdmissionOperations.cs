namespace ActorKube.Models;

/// <summary>What somebody wants to do to an object: one of them in a request, several in what a webhook wants to be asked about.</summary>
[Flags]
public enum AdmissionOperations
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Make it: there is a new object and no old one.</summary>
    Create = 1,

    /// <summary>Change it, in whichever way: there is a new state and an old one.</summary>
    Update = 2,

    /// <summary>Delete it: there is an old object and no new one.</summary>
    Delete = 4,

    /// <summary>Connect to it, as <c>kubectl exec</c> does: the new object is how.</summary>
    Connect = 8,

    /// <summary>All of them.</summary>
    All = Create | Update | Delete | Connect,
}

/// <summary>Operations as Kubernetes writes them.</summary>
internal static class AdmissionOperationNames
{
    private static readonly (AdmissionOperations Operation, string Name)[] Names =
    [
        (AdmissionOperations.Create, "CREATE"), (AdmissionOperations.Update, "UPDATE"), (AdmissionOperations.Delete, "DELETE"), (AdmissionOperations.Connect, "CONNECT"),
    ];

    /// <summary>One operation by its name; none for another word.</summary>
    public static AdmissionOperations Parse(string? name) => Names.FirstOrDefault(known => known.Name == name).Operation;

    /// <summary>The names of several.</summary>
    public static IEnumerable<string> Of(AdmissionOperations operations) => Names.Where(known => operations.HasFlag(known.Operation)).Select(known => known.Name);
}
