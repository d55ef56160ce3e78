using System.Text;
using ActorKube.Models;
using k8s.Models;

namespace Models.Tests.Admission;

/// <summary>Questions and answers of admission, byte by byte.</summary>
public sealed class AdmissionReviewTests
{
    // As an API server of 1.32 sends it.
    static byte[] Review(string operation, string? made, string? old = null, string more = "", string version = "v1", string kind = "CronTab") => Encoding.UTF8.GetBytes(
        $$$"""
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/{{{version}}}","request":{"uid":"u-1","kind":{"group":"stable.example.com","version":"v1","kind":"{{{kind}}}"},
         "resource":{"group":"stable.example.com","version":"v1","resource":"crontabs"},"requestKind":{"group":"stable.example.com","version":"v1beta1","kind":"CronTab"},
         "requestResource":{"group":"stable.example.com","version":"v1beta1","resource":"crontabs"},"name":"a","namespace":"shop","operation":"{{{operation}}}",
         "userInfo":{"username":"jane","uid":"7","groups":["dev","system:authenticated"],"extra":{"scopes":["all"]}},{{{more}}}
         "object":{{{made ?? "null"}}},"oldObject":{{{old ?? "null"}}},"dryRun":true,"options":{"kind":"{{{operation[0]}}}{{{operation[1..].ToLowerInvariant()}}}Options","apiVersion":"meta.k8s.io/v1","fieldManager":"kubectl"} } }
        """);

    static string Tab(string spec, string name = "a") => $$$"""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"{{{name}}}","namespace":"shop"},"spec":{{{spec}}}}""";

    static async Task<string> Answer(byte[] review, Func<AdmissionRequest<CronTab>, AdmissionResponse> says) =>
        Encoding.UTF8.GetString(await AdmissionReviews.AnswerAsync(review, AdmissionHandlers.Of((IValidatingWebhook<CronTab>)new Says(says))));

    [Fact]
    public async Task A_validator_sees_all_that_the_server_says()
    {
        AdmissionRequest<CronTab> seen = null!;
        await Answer(Review("UPDATE", Tab("""{"replicas":2}"""), Tab("""{"replicas":1}"""), """ "subResource":"status","requestSubResource":"status","x":{"unknown":[1]}, """), request =>
        {
            seen = request;
            return AdmissionResponse.Allow();
        });

        Assert.Equal((AdmissionOperations.Update, "shop/a", "status", true), (seen.Operation, seen.Key.ToString(), seen.Subresource, seen.IsDryRun));
        Assert.Equal((2, 1), (seen.Object!.Spec.Replicas, seen.OldObject!.Spec.Replicas));
        Assert.Same(seen.Object, seen.Object);
        Assert.Equal(("jane", "7", "dev,system:authenticated", "all"), (seen.User.Username, seen.User.Uid, string.Join(',', seen.User.Groups), seen.User.Extra["scopes"].Single()));
        Assert.Equal(("stable.example.com/v1, Kind=CronTab", "stable.example.com/v1beta1, Kind=CronTab"), (seen.Raw.Kind.ToString(), seen.Raw.RequestKind.ToString()));
        Assert.Equal(("stable.example.com/v1/crontabs", "stable.example.com/v1beta1/crontabs", "status"), (seen.Raw.Resource.ToString(), seen.Raw.RequestResource.ToString(), seen.Raw.RequestSubresource));
        Assert.Equal(("UpdateOptions", "kubectl"), (seen.Raw.Options!.Kind, seen.Raw.Options.ToUnstructured().GetString("fieldManager")));
        Assert.Equal(Tab("""{"replicas":2}"""), seen.Raw.Object!.ToJson());
    }

    [Theory]
    [InlineData("CREATE", true, false)]
    [InlineData("DELETE", false, true)]
    [InlineData("CONNECT", true, false)]
    public async Task What_an_operation_does_not_have_is_null(string operation, bool hasNew, bool hasOld)
    {
        await Answer(Review(operation, hasNew ? Tab("{}") : null, hasOld ? Tab("{}") : null), request =>
        {
            Assert.Equal((hasNew, hasOld), (request.Object is not null, request.OldObject is not null));
            Assert.Equal(operation, request.Operation.ToString().ToUpperInvariant());
            return AdmissionResponse.Allow();
        });
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public async Task An_answer_repeats_uid_and_version_and_says_no_more_than_there_is_to_say(string version) => JsonAssert.Equal(
        $$$"""{"apiVersion":"admission.k8s.io/{{{version}}}","kind":"AdmissionReview","response":{"uid":"u-1","allowed":true}}""",
        await Answer(Review("CREATE", Tab("{}"), version: version), _ => AdmissionResponse.Allow()));

    [Fact]
    public async Task Warnings_and_audit_annotations_go_with_either_answer()
    {
        JsonAssert.Equal(
            """{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":true,"warnings":["old","older"],"auditAnnotations":{"a":"1","b":"2"}}}""",
            await Answer(Review("CREATE", Tab("{}")), _ => AdmissionResponse.Allow("old").WithWarnings("older").WithAuditAnnotation("a", "1").WithAuditAnnotation("b", "2")));
        JsonAssert.Equal(
            """{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":false,"status":{"status":"Failure","message":"no","reason":"Forbidden","code":403},"warnings":["w"]}}""",
            await Answer(Review("CREATE", Tab("{}")), _ => AdmissionResponse.Deny("no").WithWarnings("w")));
    }

    [Theory]
    [InlineData(StatusReasons.Forbidden, 0, 403)]
    [InlineData(StatusReasons.Conflict, 0, 409)]
    [InlineData(StatusReasons.TooManyRequests, 0, 429)]
    [InlineData("Friday", 0, 403)]
    [InlineData("Friday", 418, 418)]
    public void A_denial_has_its_reasons_code_unless_told(string reason, int code, int expected) => Assert.Equal(expected, AdmissionResponse.Deny("no", reason, code).Status!.Code);

    [Fact]
    public async Task Invalid_fields_are_told_as_the_server_itself_tells_them() => JsonAssert.Equal(
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":false,"status":{"status":"Failure","reason":"Invalid","code":422,
          "message":"CronTab.stable.example.com \"a\" is invalid: [spec.cronSpec: five fields are wanted, spec.replicas: too many]",
          "details":{"group":"stable.example.com","kind":"CronTab","name":"a","causes":[
            {"field":"spec.cronSpec","message":"five fields are wanted","reason":"FieldValueInvalid"},{"field":"spec.replicas","message":"too many","reason":"FieldValueInvalid"}]}}}}
        """,
        await Answer(Review("CREATE", Tab("{}")), request => AdmissionResponse.Invalid(
            request.Raw,
            new V1StatusCause { Field = "spec.cronSpec", Message = "five fields are wanted", Reason = StatusCauses.FieldValueInvalid },
            new V1StatusCause { Field = "spec.replicas", Message = "too many", Reason = StatusCauses.FieldValueInvalid })));

    static async Task<V1AdmissionResponse> Thrown(Exception fault, byte[]? review = null)
    {
        var answer = AdmissionReviews.ReadAnswer(await AdmissionReviews.AnswerAsync(review ?? Review("CREATE", Tab("{}")), new Throws(fault)));
        Assert.Equal((false, "u-1"), (answer.Allowed, answer.Uid));
        return answer;
    }

    sealed class Throws(Exception fault) : IAdmissionHandler
    {
        public async Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            await Task.Yield();
            throw fault;
        }
    }

    [Fact]
    public async Task What_a_handler_throws_is_a_500_with_the_first_line_of_its_message_and_no_stack()
    {
        var status = (await Thrown(new InvalidOperationException("disk full\n   at Somewhere.Deep()"))).Status;

        Assert.Equal((500, "InternalError", "The webhook failed: disk full"), (status.Code, status.Reason, status.Message));
        Assert.Equal("The webhook failed: " + new string('x', 1024) + "…", (await Thrown(new InvalidOperationException(new string('x', 5000)))).Status.Message);
    }

    [Fact]
    public async Task What_is_thrown_about_something_that_holds_secrets_is_told_by_its_type_alone()
    {
        var review = AdmissionReviews.Ask(AdmissionRequest.ToCreate(new V1Secret { Metadata = new V1ObjectMeta { Name = "a" } }) with { Uid = "u-1" });

        Assert.Equal("The webhook failed: FormatException; its log says more of u-1", (await Thrown(new FormatException("'hunter2' is no number"), review)).Status.Message);
        Assert.Null((await Thrown(new KubernetesException(new V1Status { Message = "hunter2", Code = 409 }), review)).Status.Message);
    }

    [Fact]
    public async Task What_a_server_refused_to_a_handler_is_told_in_the_servers_words()
    {
        var status = (await Thrown(new KubernetesException(new V1Status { Message = "quotas \"q\" not found", Reason = StatusReasons.NotFound, Code = 404 }))).Status;

        Assert.Equal((404, "NotFound", "quotas \"q\" not found"), (status.Code, status.Reason, status.Message));
    }

    [Fact]
    public async Task A_fault_is_there_for_logs()
    {
        var fault = new InvalidOperationException("boom");

        Assert.Same(fault, (await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(new CronTab()), new Throws(fault))).Fault);
    }

    [Fact]
    public async Task A_handler_that_answers_nothing_has_failed() => Assert.Contains("answered nothing", await Answer(Review("CREATE", Tab("{}")), _ => null!));

    [Fact]
    public async Task Who_waits_no_longer_gets_no_answer()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => AdmissionReviews.AnswerAsync(Review("CREATE", Tab("{}")), new Throws(new OperationCanceledException(gone.Token)), gone.Token));
    }

    [Fact]
    public async Task An_object_of_another_kind_and_one_that_is_none_are_bad_requests_that_say_where()
    {
        var other = AdmissionReviews.ReadAnswer(Encoding.UTF8.GetBytes(await Answer(Review("CREATE", Tab("{}"), kind: "Scale"), _ => AdmissionResponse.Allow()))).Status;
        var malformed = AdmissionReviews.ReadAnswer(Encoding.UTF8.GetBytes(await Answer(Review("CREATE", Tab("""{"replicas":"hunter2"}""")), request => AdmissionResponse.Allow($"{request.Object}")))).Status;

        Assert.Equal((400, 400), (other.Code, malformed.Code));
        Assert.Contains("CronTab, and the request is about stable.example.com/v1, Kind=Scale", other.Message);
        Assert.Contains("spec.replicas", malformed.Message);
        Assert.DoesNotContain("hunter2", malformed.Message);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nonsense", "")]
    [InlineData("[]", "Expected an AdmissionReview but found a list")]
    [InlineData("{}", "asks nothing")]
    [InlineData("""{"request":null}""", "asks nothing")]
    [InlineData("""{"request":[]}""", "Expected a request but found a list")]
    [InlineData("""{"request":{}}""", "no uid")]
    [InlineData("""{"request":{"uid":"1"}}""", "no kind or no resource")]
    [InlineData("""{"request":{"uid":"1","kind":{},"resource":{},"operation":"READ"}}""", "none of CREATE")]
    [InlineData("""{"request":{"uid":1}}""", "Expected text but found a number")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","request":{"uid":"1","kind":{},"resource":{},"operation":"CREATE"}}""", "admission.k8s.io/v1 or v1beta1")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview","request":{"uid":"1","kind":{},"resource":{},"operation":"CREATE"}}""", "admission.k8s.io/v1 or v1beta1")]
    [InlineData("""{"request":{"uid":"1","kind":{},"resource":{},"operation":"CREATE","object":[]}}""", "")]
    [InlineData("""{"request":{"uid":"1"}} and more""", "")]
    public async Task What_is_no_review_is_said_and_not_answered(string bytes, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<KubeFormatException>(() => AdmissionReviews.AnswerAsync(Encoding.UTF8.GetBytes(bytes), new Throws(new InvalidOperationException())))).Message);

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_no_review() =>
        await Assert.ThrowsAsync<KubeFormatException>(() => AdmissionReviews.AnswerAsync(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, new Throws(new InvalidOperationException())));

    [Fact]
    public void A_question_made_here_is_read_as_it_was_meant()
    {
        var asked = AdmissionRequest.ToUpdate(new CronTab { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "n" } }, new CronTab { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "n" }, Spec = { Replicas = 3 } })
            with { Subresource = "status", IsDryRun = true, User = new V1UserInfo { Username = "jane" } };

        var read = AdmissionReviews.Read(AdmissionReviews.Ask(asked));

        Assert.Equal(asked.ToString(), read.ToString());
        Assert.Equal("Update stable.example.com/v1/crontabs/status n/a (" + asked.Uid + ")", read.ToString());
        Assert.Equal((asked.Kind, asked.RequestResource, true, "jane", 3), (read.Kind, read.RequestResource, read.IsDryRun, read.User.Username, read.Object!.As<CronTab>().Spec.Replicas));
        Assert.Equal(("UpdateOptions", (int?)null), (read.Options!.Kind, read.OldObject!.As<CronTab>().Spec.Replicas));
        Assert.Equal("pods", AdmissionRequest.ToDelete(new V1Pod()).Resource.Resource);
        Assert.Throws<ArgumentException>(() => AdmissionRequest.ToCreate(new Unstructured()));
    }
}
