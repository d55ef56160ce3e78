namespace ActorKube.Models;

/// <summary>The reasons that a server gives in a <c>Status</c>: <c>metav1.StatusReason</c>.</summary>
public static class StatusReasons
{
#pragma warning disable CS1591 // The names are the API's and say what they mean.
    public const string Unknown = "";
    public const string Unauthorized = "Unauthorized";
    public const string Forbidden = "Forbidden";
    public const string NotFound = "NotFound";
    public const string AlreadyExists = "AlreadyExists";
    public const string Conflict = "Conflict";
    public const string Gone = "Gone";
    public const string Invalid = "Invalid";
    public const string ServerTimeout = "ServerTimeout";
    public const string StoreReadError = "StorageReadError";
    public const string Timeout = "Timeout";
    public const string TooManyRequests = "TooManyRequests";
    public const string BadRequest = "BadRequest";
    public const string MethodNotAllowed = "MethodNotAllowed";
    public const string NotAcceptable = "NotAcceptable";
    public const string RequestEntityTooLarge = "RequestEntityTooLarge";
    public const string UnsupportedMediaType = "UnsupportedMediaType";
    public const string InternalError = "InternalError";
    public const string Expired = "Expired";
    public const string ServiceUnavailable = "ServiceUnavailable";
#pragma warning restore CS1591
}

/// <summary>The reasons that a server gives for one cause within a <c>Status</c>: <c>metav1.CauseType</c>.</summary>
public static class StatusCauses
{
#pragma warning disable CS1591 // The names are the API's and say what they mean.
    public const string FieldValueNotFound = "FieldValueNotFound";
    public const string FieldValueRequired = "FieldValueRequired";
    public const string FieldValueDuplicate = "FieldValueDuplicate";
    public const string FieldValueInvalid = "FieldValueInvalid";
    public const string FieldValueNotSupported = "FieldValueNotSupported";
    public const string FieldValueForbidden = "FieldValueForbidden";
    public const string FieldValueTooLong = "FieldValueTooLong";
    public const string FieldValueTooMany = "FieldValueTooMany";
    public const string FieldValueTypeInvalid = "FieldValueTypeInvalid";
    public const string FieldManagerConflict = "FieldManagerConflict";
    public const string UnexpectedServerResponse = "UnexpectedServerResponse";
    public const string ResourceVersionTooLarge = "ResourceVersionTooLarge";
    public const string NamespaceTerminating = "NamespaceTerminating";
#pragma warning restore CS1591
}
