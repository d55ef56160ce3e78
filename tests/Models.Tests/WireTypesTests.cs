using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests;

/// <summary>What travels between servers, webhooks and clients and is no resource of its own.</summary>
public sealed class WireTypesTests
{
    [Theory]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"operation":"CREATE","userInfo":{"username":"me","groups":["a"],"extra":{"x":["y"]}},"object":{"kind":"Pod","any":[1]},"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions"}},"response":{"uid":"u","allowed":true,"patch":"W10=","patchType":"JSONPatch","warnings":["w"],"auditAnnotations":{"k":"v"},"status":{"code":403}}}""", typeof(V1AdmissionReview))]
    [InlineData("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"u","desiredAPIVersion":"x/v1","objects":[{"a":1}]},"response":{"uid":"u","convertedObjects":[{"b":2}],"result":{"status":"Success"}}}""", typeof(V1ConversionReview))]
    [InlineData("""{"apiVersion":"meta.k8s.io/v1","kind":"Table","metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Name","type":"string","format":"name","description":"d","priority":0}],"rows":[{"cells":["a",1,true,null,{"x":1}],"conditions":[{"type":"Completed","status":"True","reason":"r"}],"object":{"kind":"PartialObjectMetadata"}}]}""", typeof(V1Table))]
    [InlineData("""{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":{"name":"a","labels":{"x":"y"}}}""", typeof(V1PartialObjectMetadata))]
    [InlineData("""{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}""", typeof(V1PartialObjectMetadataList))]
    [InlineData("""{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod"}],"metadata":{}}""", typeof(V1List))]
    [InlineData("""{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"a"}}}""", typeof(V1WatchEvent))]
    [InlineData("""{"apiVersion":"meta.k8s.io/v1","kind":"PatchOptions","dryRun":["All"],"force":false,"fieldManager":"me","fieldValidation":"Strict"}""", typeof(V1PatchOptions))]
    [InlineData("""{"apiVersion":"meta.k8s.io/v1","kind":"ListOptions","labelSelector":"a=b","limit":5,"continue":"c","timeoutSeconds":0,"watch":true,"allowWatchBookmarks":true,"sendInitialEvents":false}""", typeof(V1ListOptions))]
    [InlineData("""{"apiVersion":"apidiscovery.k8s.io/v2","kind":"APIGroupDiscoveryList","metadata":{},"items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[{"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"],"shortNames":["deploy"],"categories":["all"],"subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get"]}]}]}]}]}""", typeof(V2APIGroupDiscoveryList))]
    public void Is_read_and_written_as_servers_do(string json, Type type)
    {
        var value = KubeJson.Deserialize(ModelSchema.For(type)!, System.Text.Encoding.UTF8.GetBytes(json));

        Assert.Equal(type, value.GetType());
        Assert.Empty(StrictDecoding.Check(type, System.Text.Encoding.UTF8.GetBytes(json)));
        JsonAssert.Equal(json.Replace("\"oldObject\":null,", ""), KubeJson.SerializeToString(value));
    }

    [Fact]
    public void They_are_kinds_of_the_scheme()
    {
        Assert.Equal(typeof(V1AdmissionReview), Scheme.BuiltIn.TypeOf(new GroupVersionKind("admission.k8s.io", "v1", "AdmissionReview")));
        Assert.Equal(typeof(V1Table), Scheme.BuiltIn.TypeOf(new GroupVersionKind("meta.k8s.io", "v1", "Table")));
        Assert.IsAssignableFrom<IKubernetesObject<V1ObjectMeta>>(new V1PartialObjectMetadata());
        Assert.IsAssignableFrom<IItems<V1PartialObjectMetadata>>(new V1PartialObjectMetadataList());
        Assert.DoesNotContain(ResourceDefinition.BuiltIn, definition => definition.Kind.Kind is "Table" or "AdmissionReview" or "List");
    }

    [Fact]
    public void A_table_is_json_alone() => Assert.Throws<NotSupportedException>(() => KubeProtobuf.Serialize(new V1Table()));
}
