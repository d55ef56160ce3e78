using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What one write was asked to be, and what it wants to tell its client besides the object.</summary>
internal sealed class WriteContext
{
    public bool DryRun { get; init; }

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c>: what happens to unknown and doubled fields.</summary>
    public string FieldValidation { get; init; } = "Warn";

    /// <summary>Who managedFields names.</summary>
    public string FieldManager { get; init; } = "unknown";

    /// <summary>Take fields from other managers instead of a conflict.</summary>
    public bool Force { get; init; }

    /// <summary>The write is a server-side apply: managedFields stand in the tree already.</summary>
    public bool Applied { get; init; }

    /// <summary>Who writes.</summary>
    public UserInfo User { get; init; } = UserInfo.Admin;

    /// <summary>The write came in as a request: admission is asked. The server's own writes pass.</summary>
    public bool Admitted { get; init; }

    /// <summary>What the request itself said of how it is to be done, as admission is shown it.</summary>
    public JsonObject Options { get; init; } = [];

    /// <summary>The client has gone.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Texts for Warning headers, in order.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>A write of the server itself: unknown fields are its own business.</summary>
    public static WriteContext Internal(string manager) => new() { FieldManager = manager, FieldValidation = "Ignore" };
}

/// <summary>What a write leads to.</summary>
/// <param name="Tree">The object as it stands now, in the version that was asked for.</param>
/// <param name="Stored">The committed object; null for a dry run.</param>
/// <param name="Created">Whether it was made by this write.</param>
/// <param name="Removed">Whether it is gone with this write.</param>
internal sealed record WriteResult(JsonObject Tree, StoredObject? Stored, bool Created = false, bool Removed = false);
