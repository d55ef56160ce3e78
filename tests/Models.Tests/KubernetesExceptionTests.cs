using ActorKube.Models;
using k8s.Models;

namespace Models.Tests;

public class KubernetesExceptionTests
{
    public static TheoryData<string, int, string> Predicates => new()
    {
        { nameof(KubernetesException.IsNotFound), 404, "NotFound" },
        { nameof(KubernetesException.IsAlreadyExists), 409, "AlreadyExists" },
        { nameof(KubernetesException.IsConflict), 409, "Conflict" },
        { nameof(KubernetesException.IsInvalid), 422, "Invalid" },
        { nameof(KubernetesException.IsGone), 410, "Gone" },
        { nameof(KubernetesException.IsResourceExpired), 410, "Expired" },
        { nameof(KubernetesException.IsNotAcceptable), 406, "NotAcceptable" },
        { nameof(KubernetesException.IsUnsupportedMediaType), 415, "UnsupportedMediaType" },
        { nameof(KubernetesException.IsMethodNotSupported), 405, "MethodNotAllowed" },
        { nameof(KubernetesException.IsServiceUnavailable), 503, "ServiceUnavailable" },
        { nameof(KubernetesException.IsBadRequest), 400, "BadRequest" },
        { nameof(KubernetesException.IsUnauthorized), 401, "Unauthorized" },
        { nameof(KubernetesException.IsForbidden), 403, "Forbidden" },
        { nameof(KubernetesException.IsTimeout), 504, "Timeout" },
        { nameof(KubernetesException.IsServerTimeout), 500, "ServerTimeout" },
        { nameof(KubernetesException.IsInternalError), 500, "InternalError" },
        { nameof(KubernetesException.IsStoreReadError), 500, "StorageReadError" },
        { nameof(KubernetesException.IsTooManyRequests), 429, "TooManyRequests" },
        { nameof(KubernetesException.IsRequestEntityTooLarge), 413, "RequestEntityTooLarge" },
    };

    [Theory, MemberData(nameof(Predicates))]
    public void A_reason_answers_its_own_predicate_alone(string predicate, int code, string reason)
    {
        var error = new KubernetesException(new V1Status { Code = code, Reason = reason });

        var yes = typeof(KubernetesException).GetProperties().Where(property => property.Name.StartsWith("Is", StringComparison.Ordinal) && (bool)property.GetValue(error)!).Select(property => property.Name);

        Assert.Equal([predicate], yes);
    }

    [Theory]
    [InlineData(404, nameof(KubernetesException.IsNotFound)), InlineData(409, nameof(KubernetesException.IsConflict)), InlineData(429, nameof(KubernetesException.IsTooManyRequests)), InlineData(410, nameof(KubernetesException.IsGone))]
    public void Without_a_known_reason_the_code_decides(int code, string predicate)
    {
        foreach (var reason in (string?[])[null, "", "SomethingOfAProxy"])
        {
            var error = new KubernetesException(new V1Status { Code = code, Reason = reason });
            Assert.True((bool)typeof(KubernetesException).GetProperty(predicate)!.GetValue(error)!, $"{predicate} of {reason}");
        }
    }

    [Fact]
    public void The_message_is_the_servers() =>
        Assert.Equal("pods \"a\" not found", new KubernetesException(new V1Status { Message = "pods \"a\" not found" }).Message);

    [Fact]
    public void Without_a_message_there_is_still_one()
    {
        Assert.Contains("503 ServiceUnavailable", new KubernetesException(new V1Status { Code = 503, Reason = "ServiceUnavailable" }).Message);
        Assert.Contains("502", new KubernetesException(new V1Status { Code = 502 }).Message);
    }

    [Theory]
    [InlineData("TooManyRequests", 3, 3d), InlineData("TooManyRequests", 0, 0d), InlineData("ServerTimeout", 2, 2d), InlineData("InternalError", 5, 5d), InlineData("InternalError", 0, null), InlineData("InternalError", null, null)]
    public void A_delay_is_suggested_as_the_server_says(string reason, int? seconds, double? delay) =>
        Assert.Equal(delay, new KubernetesException(new V1Status { Reason = reason, Details = new V1StatusDetails { RetryAfterSeconds = seconds } }).SuggestsClientDelay?.TotalSeconds);

    [Fact]
    public void Causes_are_found()
    {
        var error = new KubernetesException(new V1Status { Details = new V1StatusDetails { Causes = [new V1StatusCause { Reason = StatusCauses.UnexpectedServerResponse, Message = "m" }] } });

        Assert.True(error.IsUnexpectedServerError);
        Assert.Equal("m", error.StatusCause(StatusCauses.UnexpectedServerResponse)!.Message);
        Assert.False(error.HasStatusCause(StatusCauses.FieldValueInvalid));
        Assert.False(new KubernetesException(new V1Status()).HasStatusCause(StatusCauses.FieldValueInvalid));
    }

    [Fact]
    public void The_reason_is_found_below_other_errors()
    {
        var error = new InvalidOperationException("x", new KubernetesException(new V1Status { Reason = "Conflict" }));

        Assert.Equal("Conflict", KubernetesException.ReasonForError(error));
        Assert.Equal("", KubernetesException.ReasonForError(new InvalidOperationException()));
        Assert.Equal("", KubernetesException.ReasonForError(null));
    }
}
