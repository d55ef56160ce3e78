namespace ActorKube.Models;

/// <summary>By whose rules a JSON patch is carried out.</summary>
public enum JsonPatchRules
{
    /// <summary>RFC 6902 to the letter.</summary>
    Rfc6902,

    /// <summary>
    /// What kube-apiserver takes, which is more: a value that is not given is null; a member that is not there can be replaced and copied, and tested for null; places in
    /// lists are counted from the end where they are negative; a pointer's first step is dropped, whatever it is; and the whole document can be replaced and tested only.
    /// </summary>
    ApiServer,
}
