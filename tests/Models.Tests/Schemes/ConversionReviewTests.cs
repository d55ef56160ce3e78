using System.Text;
using System.Text.Json;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests.Schemes;

public sealed class ConversionReviewTests
{
    static readonly Scheme Widgets = new SchemeBuilder().Add<WidgetV1>().Add<WidgetV2>()
        .Default<WidgetV1>(widget => widget.Size ??= 1)
        .Convert<WidgetV1, WidgetV2>(old => old.Size < 0 ? throw new InvalidOperationException("no size is negative") : new WidgetV2 { Metadata = new V1ObjectMeta { Labels = old.Metadata.Labels, Name = "spoilt" }, Length = old.Size })
        .Convert<WidgetV2, WidgetV1>(current => new WidgetV1 { Metadata = current.Metadata, Size = current.Length })
        .Build();

    static V1ConversionReview Review(string version, params string[] objects) => KubeJson.Deserialize<V1ConversionReview>(
        $$$"""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"u-1","desiredAPIVersion":"{{{version}}}","objects":[{{{string.Join(',', objects)}}}]}}""");

    [Fact]
    public void Objects_are_converted_in_order_and_keep_their_metadata()
    {
        var answer = ConversionReviews.Answer(Widgets, Review(
            "w.test/v2",
            """{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"a","uid":"1","generation":3,"labels":{"x":"y"},"annotations":{"gone":"1"}},"size":5}""",
            """{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"b"}}""",
            """{"apiVersion":"w.test/v2","kind":"Widget","metadata":{"name":"c"},"length":9}"""));

        JsonAssert.Equal(
            """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","response":{"uid":"u-1","result":{"status":"Success"},"convertedObjects":[
              {"apiVersion":"w.test/v2","kind":"Widget","metadata":{"name":"a","uid":"1","generation":3,"labels":{"x":"y"}},"length":5},
              {"apiVersion":"w.test/v2","kind":"Widget","metadata":{"name":"b"},"length":1},
              {"apiVersion":"w.test/v2","kind":"Widget","metadata":{"name":"c"},"length":9}]}}
            """, KubeJson.SerializeToString(answer));
    }

    [Theory]
    [InlineData("w.test/v2", """{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"a"},"size":-1}""", "no size is negative")]
    [InlineData("w.test/v3", """{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"a"}}""", "not registered")]
    [InlineData("w.test/v2", """{"apiVersion":"w.test/v1","kind":"Gadget","metadata":{"name":"a"}}""", "not registered")]
    [InlineData("w.test/v2", """{"apiVersion":"w.test/v1","kind":"Widget","size":"large"}""", "")]
    [InlineData("", """{"apiVersion":"w.test/v1","kind":"Widget"}""", "is not an apiVersion")]
    public void What_cannot_be_converted_is_answered_with_why(string version, string value, string says)
    {
        var answer = ConversionReviews.Answer(Widgets, Review(version, """{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"first"}}""", value));

        Assert.Equal(("Failure", "u-1"), (answer.Response.Result.Status, answer.Response.Uid));
        Assert.Contains(says, answer.Response.Result.Message);
        Assert.Empty(answer.Response.ConvertedObjects);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public void Bytes_are_answered_with_bytes_in_the_version_that_asks(string version) => JsonAssert.Equal(
        $$$"""{"apiVersion":"apiextensions.k8s.io/{{{version}}}","kind":"ConversionReview","response":{"uid":"u-1","result":{"status":"Success"},"convertedObjects":[{"apiVersion":"w.test/v2","kind":"Widget","metadata":{"name":"a"},"length":5}]}}""",
        Encoding.UTF8.GetString(ConversionReviews.Answer(Widgets, Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"apiextensions.k8s.io/{{{version}}}","kind":"ConversionReview","request":{"uid":"u-1","desiredAPIVersion":"w.test/v2","objects":[{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"a"},"size":5}]}}"""))));

    [Theory]
    [InlineData("nonsense", "")]
    [InlineData("{}", "asks nothing")]
    [InlineData("""{"request":{"desiredAPIVersion":"a/v1","objects":[]}}""", "asks nothing")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1"}}""", "Expected a ConversionReview")]
    public void Bytes_that_ask_nothing_are_not_answered(string bytes, string says) =>
        Assert.Contains(says, Assert.Throws<KubeFormatException>(() => ConversionReviews.Answer(Widgets, Encoding.UTF8.GetBytes(bytes))).Message);

    [Fact]
    public void Whatever_the_conversion_does_with_metadata_it_stays_but_for_labels_and_annotations()
    {
        // The converted class has no metadata at all.
        var scheme = new SchemeBuilder().Add<WidgetV1>().Add<Bare>().Convert<WidgetV1, Bare>(_ => new Bare()).Build();
        const string metadata = """ { "name" : "a \u00e4", "labels":{"x":"y"}, "unknown":[1, {"labels":2}],"generation":3 } """;
        var answer = ConversionReviews.Answer(scheme, Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"other":[{}],"uid":"u \"1\"","objects":[{"apiVersion":"w.test/v1","kind":"Widget","metadata":{{{metadata}}}}],"desiredAPIVersion":"w.test/v9"}}"""));

        JsonAssert.Equal(
            """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","response":{"uid":"u \"1\"","result":{"status":"Success"},"convertedObjects":[
              {"apiVersion":"w.test/v9","kind":"Widget","metadata":{"name":"a ä","unknown":[1,{"labels":2}],"generation":3}}]}}
            """, Encoding.UTF8.GetString(answer));
    }

    [Fact]
    public void An_object_is_written_once_and_copied_nowhere_else()
    {
        // What decoding allocates is the class's affair; beside it there is the answer, and what it is about.
        const int count = 20;
        var link = new string('s', 20_000);
        var item = $$$"""{"apiVersion":"w.test/v1","kind":"Widget","metadata":{"name":"a","selfLink":"{{{link}}}"},"size":5}""";
        var bytes = Encoding.UTF8.GetBytes(item);
        var review = Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"u-1","desiredAPIVersion":"w.test/v2","objects":[{{{string.Join(',', Enumerable.Repeat(item, count))}}}]}}""");
        var answer = ConversionReviews.Answer(Widgets, review);

        var decoding = Allocated(() => KubeJson.Deserialize<WidgetV1>(bytes));
        var answering = Allocated(() => answer = ConversionReviews.Answer(Widgets, review));

        Assert.InRange(answer.Length, count * link.Length, review.Length + 1000);
        Assert.InRange(answering - count * decoding, answer.Length, answer.Length + count * 3000);

        static long Allocated(Action action)
        {
            for (var i = 0; i < 20; i++) action();
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Theory]
    [InlineData("""{"request":{"uid":1,"objects":[]}}""", "request.uid")]
    [InlineData("""{"request":{"uid":"1","objects":{}}}""", "request.objects")]
    [InlineData("""{"request":[]}""", "request")]
    [InlineData("[]", "a ConversionReview")]
    public void What_has_the_wrong_shape_is_told_with_its_place(string bytes, string says) =>
        Assert.Contains(says, Assert.Throws<KubeFormatException>(() => ConversionReviews.Answer(Widgets, Encoding.UTF8.GetBytes(bytes))).Message);

    [Fact]
    public void A_review_must_ask_something() => Assert.Throws<ArgumentException>(() => ConversionReviews.Answer(Widgets, new V1ConversionReview()));

    [Fact]
    public void A_definition_names_its_webhook()
    {
        var definition = CustomResource.Definition<WidgetV1>().WithConversionWebhook(new Apiextensionsv1WebhookClientConfig { Url = "https://x.test/convert" });

        JsonAssert.Equal(
            """{"strategy":"Webhook","webhook":{"clientConfig":{"url":"https://x.test/convert"},"conversionReviewVersions":["v1"]}}""",
            KubeJson.SerializeToString(definition.Spec.Conversion));
    }

    [KubernetesEntity(Group = "w.test", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
    sealed class WidgetV1 : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ObjectMeta Metadata { get; set; } = new();
        public int? Size { get; set; }
    }

    [KubernetesEntity(Group = "w.test", ApiVersion = "v9", Kind = "Widget", PluralName = "widgets")]
    sealed class Bare : IKubernetesObject
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
    }

    [KubernetesEntity(Group = "w.test", ApiVersion = "v2", Kind = "Widget", PluralName = "widgets")]
    sealed class WidgetV2 : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ObjectMeta Metadata { get; set; } = new();
        public int? Length { get; set; }
    }
}
