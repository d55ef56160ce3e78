using System.Text.Json;
using System.Text.Unicode;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>Reads an <c>AdmissionReview</c> in one pass; the objects in it are taken over as bytes.</summary>
internal static class AdmissionReviewReader
{
    /// <exception cref="KubeFormatException">The bytes are no review, or one that asks nothing.</exception>
    public static AdmissionRequest Read(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8)) throw new KubeFormatException("Not valid UTF-8", KubeJson.Utf8Position(utf8));
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = KubeJson.MaxDepth });
            reader.Read();
            JsonShape.Expect(ref reader, JsonTokenType.StartObject, "an AdmissionReview");
            string? apiVersion = null, kind = null;
            Draft? draft = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("apiVersion"u8)) apiVersion = JsonShape.Text(ref reader);
                else if (reader.ValueTextEquals("kind"u8)) kind = JsonShape.Text(ref reader);
                else if (reader.ValueTextEquals("request"u8)) draft = Request(ref reader, utf8);
                else JsonShape.Pass(ref reader);
            }
            reader.Read();
            return (draft ?? throw new KubeFormatException("An AdmissionReview without a request asks nothing")).Finish(Version(apiVersion, kind));
        }
        catch (JsonException fault)
        {
            throw new KubeFormatException("Not JSON", fault.BytePositionInLine ?? -1, inner: fault);
        }
    }

    // As controller-runtime: who does not say what it is speaks v1.
    private static string Version(string? apiVersion, string? kind)
    {
        if (string.IsNullOrEmpty(apiVersion) && string.IsNullOrEmpty(kind)) return V1AdmissionReview.KubeApiVersion;
        return (apiVersion, kind) switch
        {
            ("admission.k8s.io/v1", V1AdmissionReview.KubeKind) => "v1",
            ("admission.k8s.io/v1beta1", V1AdmissionReview.KubeKind) => "v1beta1",
            _ => throw new KubeFormatException("Expected an AdmissionReview of admission.k8s.io/v1 or v1beta1, but found another kind"),
        };
    }

    private static Draft? Request(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "a request");
        var draft = new Draft();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.GetString())
            {
                case "uid": draft.Uid = JsonShape.Text(ref reader); break;
                case "operation": draft.Operation = JsonShape.Text(ref reader); break;
                case "name": draft.Name = JsonShape.Text(ref reader); break;
                case "namespace": draft.Namespace = JsonShape.Text(ref reader); break;
                case "subResource": draft.Subresource = JsonShape.Text(ref reader); break;
                case "requestSubResource": draft.RequestSubresource = JsonShape.Text(ref reader); break;
                case "kind": draft.Kind = Kind(ref reader, utf8); break;
                case "requestKind": draft.RequestKind = Kind(ref reader, utf8); break;
                case "resource": draft.Resource = Resource(ref reader, utf8); break;
                case "requestResource": draft.RequestResource = Resource(ref reader, utf8); break;
                case "userInfo": draft.User = Raw(ref reader, utf8) is { IsEmpty: false } user ? KubeJson.Deserialize<V1UserInfo>(user) : null; break;
                case "object": draft.Object = Object(ref reader, utf8); break;
                case "oldObject": draft.OldObject = Object(ref reader, utf8); break;
                case "options": draft.Options = Object(ref reader, utf8); break;
                case "dryRun": draft.IsDryRun = reader.Read() && reader.TokenType == JsonTokenType.True; break;
                default: JsonShape.Pass(ref reader); break;
            }
        }
        return draft;
    }

    /// <summary>The bytes of the value that comes next; empty for null.</summary>
    private static ReadOnlySpan<byte> Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var isNull = reader.TokenType == JsonTokenType.Null;
        reader.Skip();
        return isNull ? default : utf8[start..(int)reader.BytesConsumed];
    }

    private static KubeObject? Object(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        Raw(ref reader, utf8) is { IsEmpty: false } bytes ? KubeObject.Parse(bytes, KubeObjectOptions.Everything) : null;

    private static GroupVersionKind? Kind(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        Raw(ref reader, utf8) is { IsEmpty: false } bytes && KubeJson.Deserialize<V1GroupVersionKind>(bytes) is var read ? new GroupVersionKind(read.Group ?? "", read.Version ?? "", read.Kind ?? "") : null;

    private static GroupVersionResource? Resource(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        Raw(ref reader, utf8) is { IsEmpty: false } bytes && KubeJson.Deserialize<V1GroupVersionResource>(bytes) is var read ? new GroupVersionResource(read.Group ?? "", read.Version ?? "", read.Resource ?? "") : null;

    /// <summary>What has been read of a request.</summary>
    private sealed class Draft
    {
        public string? Uid, Operation, Name, Namespace, Subresource, RequestSubresource;
        public GroupVersionKind? Kind, RequestKind;
        public GroupVersionResource? Resource, RequestResource;
        public V1UserInfo? User;
        public KubeObject? Object, OldObject, Options;
        public bool IsDryRun;

        public AdmissionRequest Finish(string version)
        {
            if (string.IsNullOrEmpty(Uid)) throw new KubeFormatException("The request has no uid, so that nobody could tell whose answer it is");
            if (Kind is not { } kind || Resource is not { } resource) throw new KubeFormatException("The request names no kind or no resource");
            var operation = AdmissionOperationNames.Parse(Operation);
            if (operation == AdmissionOperations.None) throw new KubeFormatException("The request's operation is none of CREATE, UPDATE, DELETE and CONNECT");
            return new AdmissionRequest
            {
                Uid = Uid, Operation = operation, Kind = kind, Resource = resource, Subresource = Subresource ?? "",
                RequestKind = RequestKind ?? kind, RequestResource = RequestResource ?? resource, RequestSubresource = RequestSubresource ?? Subresource ?? "",
                Name = Name ?? "", Namespace = Namespace ?? "", User = User ?? new V1UserInfo(), IsDryRun = IsDryRun,
                Object = Object, OldObject = OldObject, Options = Options, ReviewVersion = version,
            };
        }
    }
}
