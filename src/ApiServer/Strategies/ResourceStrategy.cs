using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// What is particular about a kind, at the places where every write passes. The base class is what most kinds are: nothing particular.
/// Trees that come in have been decoded against the kind's shape and belong to the caller, who lets them be changed.
/// </summary>
internal class ResourceStrategy
{
    public static ResourceStrategy Plain { get; } = new();

    /// <summary>Which names are allowed.</summary>
    public virtual NameRule Names => NameRule.Subdomain;

    /// <summary>A PUT to a name that does not exist creates it.</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>A PUT without a resourceVersion replaces whatever is there.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>
    /// How often the kind's own validation of an update looks at metadata, beside the general one: as that of a whole new object, and as a change. What is wrong there
    /// is reported each time, as the real server does.
    /// </summary>
    public virtual (int Whole, int Changes) MetadataChecksOnUpdate => (0, 1);

    /// <summary>A deletion answers with the deleted object rather than a Status.</summary>
    public virtual bool ReturnsDeletedObject => false;

    /// <summary>What becomes of dependents where a deletion does not say: null leaves them to the garbage collector.</summary>
    public virtual string? DefaultPropagation => null;

    /// <summary>A warning for who deletes without saying what is to become of dependents.</summary>
    public virtual string? UnsaidPropagationWarning => null;

    /// <summary>Fills in what the user left out; for every object that is written.</summary>
    /// <summary>Whether deleting an object of this kind marks it in a way of its own, whatever holds it.</summary>
    public virtual bool MarksDeletionItself => false;

    /// <summary>Marks an object as being deleted.</summary>
    public virtual void MarkDeleted(JsonObject tree, string now)
    {
    }

    public virtual void Default(JsonObject tree)
    {
    }

    /// <summary>Sets and removes what the server owns, when an object is made.</summary>
    public virtual void PrepareForCreate(JsonObject tree)
    {
    }

    /// <summary>The same, for kinds that write down who made them.</summary>
    public virtual void PrepareForCreate(JsonObject tree, UserInfo user)
    {
    }

    /// <summary>The same when another subresource than status is written, such as <c>approval</c>.</summary>
    public virtual void PrepareForSubresource(string subresource, JsonObject tree, JsonObject old)
    {
    }

    /// <summary>Sets and restores what the server owns, when the main resource is written.</summary>
    public virtual void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
    }

    /// <summary>The same when the status subresource is written; what is not status has been restored already.</summary>
    public virtual void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
    }

    /// <summary>Gives out what there is only so much of, such as addresses; after everything else has been prepared.</summary>
    /// <param name="tree">The object.</param>
    /// <param name="old">As it stood; null for a new one.</param>
    /// <param name="dryRun">Nothing is taken: what stands there afterwards only looks like it.</param>
    /// <exception cref="ApiException">422: what is asked for is not to be had.</exception>
    public virtual void Allocate(JsonObject tree, JsonObject? old, bool dryRun)
    {
    }

    public virtual void Validate(JsonObject tree, FieldErrors errors)
    {
    }

    public virtual void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => Validate(tree, errors);

    /// <summary>Brings what has been found valid into the form in which it is stored.</summary>
    public virtual void Canonicalize(JsonObject tree)
    {
    }

    public virtual void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
    }

    public virtual void ValidateSubresource(string subresource, JsonObject tree, JsonObject old, FieldErrors errors)
    {
    }

    /// <summary>How long a deleted object stays, in seconds; null for a kind that knows no grace.</summary>
    public virtual long? GracePeriod(JsonObject tree, long? asked) => null;

    /// <summary>What counts as a change of what the user asks for.</summary>
    public virtual bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["spec"], old["spec"]);

    /// <summary>Warnings for who wrote this object.</summary>
    /// <param name="tree">The object as it is stored.</param>
    /// <param name="old">The object as it stood; null for a new one.</param>
    public virtual IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => [];

    /// <summary>What a bookmark of this kind carries beside its metadata: fields that Kubernetes' types always write.</summary>
    public virtual void ShapeBookmark(JsonObject bookmark)
    {
    }

    /// <summary>After an object was made, changed or removed. Runs on the writer's thread, after the commit.</summary>
    public virtual void Committed(StoreEventType type, StoredObject value)
    {
    }
}

internal enum NameRule
{
    /// <summary>DNS subdomain: most kinds.</summary>
    Subdomain,

    /// <summary>DNS label: namespaces.</summary>
    Label,

    /// <summary>DNS label that starts with a letter: services.</summary>
    Label1035,

    /// <summary>Anything that can be one segment of a path: roles, bindings.</summary>
    PathSegment,
}
