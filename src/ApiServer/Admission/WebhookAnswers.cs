using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a webhook's HTTP answer amounts to, in the words of Kubernetes' client.</summary>
internal static class WebhookAnswers
{
    /// <summary>How Go names what it looks for in every document first.</summary>
    public const string Typeless = "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }";

    /// <exception cref="WebhookException">It is no success, or no object.</exception>
    public static JsonObject Read(int code, string mediaType, byte[] body)
    {
        if (code is < 200 or > 206)
        {
            throw new WebhookException(Refusal(code, mediaType, body));
        }
        if (body.Length == 0)
        {
            throw new WebhookException($"0-length response with status code: {code} and content type: {mediaType}");
        }
        return Parsed(body) is not JsonObject review ? throw new WebhookException($"couldn't get version/kind; json parse error: json: cannot unmarshal {BodyReader.Word(Parsed(body))} into Go value of type {Typeless}") : review;
    }

    /// <summary>What is no JSON is a text, as YAML has it.</summary>
    private static JsonNode? Parsed(byte[] body)
    {
        try
        {
            return Json.Parse(body);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Encoding.UTF8.GetString(body));
        }
    }

    private static string Refusal(int code, string mediaType, byte[] body)
    {
        if (body.Length > 0 && Parsed(body) is JsonObject status && status.Text("kind") == "Status" && status.Text("status") == "Failure" && status.Text("message") is { Length: > 0 } said)
        {
            return said;
        }
        var told = mediaType.StartsWith("text/", StringComparison.Ordinal) ? Encoding.UTF8.GetString(body).Trim() : "unknown";
        return code switch
        {
            400 => "the server rejected our request for an unknown reason",
            401 => "the server has asked for the client to provide credentials",
            403 or 415 => told,
            404 => "the server could not find the requested resource",
            405 => "the server does not allow this method on the requested resource",
            406 => told == "unknown" ? "the server was unable to respond with a content type that the client supports" : told,
            409 => "the server reported a conflict",
            422 => "the server rejected our request due to an error in our request",
            429 => "the server has received too many requests and has asked us to try again later",
            503 => "the server is currently unable to handle the request",
            504 => "the server was unable to return a response in the time allotted, but may still be processing the request",
            >= 500 => $"an error on the server ({FieldErrors.Quote(told)}) has prevented the request from succeeding",
            _ => $"the server responded with the status code {code} but did not return more information",
        };
    }
}
