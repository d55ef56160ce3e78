#nullable disable
using ActorKube.Models;
using k8s.Models;

namespace Models.Tests;

/// <summary>Generated types as records: <c>with</c>, equality, and what they say of themselves.</summary>
public class RecordTests
{
    public static TheoryData<Type> Types => new(typeof(KubeModel).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(KubeModel))));

    [Fact]
    public void With_gives_a_copy_that_differs_in_what_was_named()
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "web" }, Spec = new V1PodSpec { NodeName = "a", Containers = [new V1Container { Name = "c" }] } };

        var moved = pod with { Spec = pod.Spec with { NodeName = "b" } };

        Assert.Equal(("a", "b"), (pod.Spec.NodeName, moved.Spec.NodeName));
        Assert.Same(pod.Metadata, moved.Metadata);
        Assert.Same(pod.Spec.Containers, moved.Spec.Containers);
    }

    [Fact]
    public void Unknown_fields_go_into_the_copy_and_a_change_of_one_never_shows_in_the_other()
    {
        var read = KubeJson.Deserialize<V1PodSpec>("""{"containers":[],"invented":{"a":1}}""");
        var copy = read with { NodeName = "b" };

        Assert.Equal("""{"containers":[],"invented":{"a":1}}""", KubeJson.SerializeToString(read));
        Assert.Equal("""{"containers":[],"nodeName":"b","invented":{"a":1}}""", KubeJson.SerializeToString(copy));
        Assert.Equal("""{"containers":[],"nodeName":"c","invented":{"a":1}}""", KubeJson.SerializeToString((copy with { }).DeepCopy() with { NodeName = "c" }));

        // What is read again into an object does not reach its copies. 0x78: field 15, a number.
        var known = new V1Lease { UnknownProtobuf = [0x78, 1] };
        var other = known with { Kind = "Lease" };
        var reader = new ProtobufReader([0x78, 2]);
        known.FieldTable.ReadProtobuf(ref reader, known);
        Assert.Equal([0x78, 1, 0x78, 2], known.UnknownProtobuf);
        Assert.Equal([0x78, 1], other.UnknownProtobuf);
    }

    [Fact]
    public void Equality_is_a_records_and_not_that_of_what_lists_hold()
    {
        var a = new V1ObjectReference { Kind = "Pod", Name = "web" };
        var b = new V1ObjectReference { Kind = "Pod", Name = "web" };
        Assert.True(a == b && a.Equals((object)b) && a.GetHashCode() == b.GetHashCode());
        Assert.True(a != b with { Name = "other" });
        Assert.False(a.Equals(new V1ObjectMeta { Name = "web" }));

        IList<string> finalizers = ["x"];
        Assert.Equal(new V1ObjectMeta { Finalizers = finalizers }, new V1ObjectMeta { Finalizers = finalizers });
        Assert.NotEqual(new V1ObjectMeta { Finalizers = ["x"] }, new V1ObjectMeta { Finalizers = ["x"] });
        Assert.True(new V1ObjectMeta { Finalizers = ["x"] }.SemanticallyEquals(new V1ObjectMeta { Finalizers = ["x"] }));
        // Quantities and times are values.
        Assert.Equal(new V2MetricTarget { AverageValue = "1" }, new V2MetricTarget { AverageValue = "1000m" });
    }

    [Theory, MemberData(nameof(Types))]
    public void Every_type_is_copied_by_with_field_by_field(Type type)
    {
        var schema = ModelSchema.For(type);
        var original = schema.New();
        foreach (var property in type.GetProperties().Where(property => property.CanWrite)) property.SetValue(original, Some(property.PropertyType));

        var copy = (KubeModel)type.GetMethod("<Clone>$").Invoke(original, null);

        Assert.NotSame(original, copy);
        Assert.True(original.Equals(copy), "a copy is equal");
        Assert.Equal(original.GetHashCode(), copy.GetHashCode());
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            property.SetValue(copy, null);
            Assert.False(original.Equals(copy), property.Name);
            property.SetValue(copy, property.GetValue(original));
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void No_type_prints_a_value(Type type)
    {
        const string secret = "hunter2";
        var model = ModelSchema.For(type).New();
        foreach (var property in type.GetProperties().Where(property => property.CanWrite && property.PropertyType == typeof(string))) property.SetValue(model, secret);
        if (model is V1Status status) status.Reason = status.Message = status.Status = null;
        if (model is V1ObjectMeta metadata) metadata.NamespaceProperty = metadata.Name = metadata.GenerateName = null;

        Assert.StartsWith(type.Name, $"{model}");
        Assert.DoesNotContain(secret, $"{model}");
        Assert.True(type.GetMethod("ToString", []).IsFinal, "nobody may override it");
    }

    [Fact]
    public void A_type_says_which_object_it_is()
    {
        Assert.Equal("V1Secret shop/web", new V1Secret { Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "shop" }, StringData = new Dictionary<string, string> { ["token"] = "hunter2" } }.ToString());
        Assert.Equal("V1Node a", new V1Node { Metadata = new V1ObjectMeta { Name = "a" } }.ToString());
        Assert.Equal("V1Pod web-", new V1Pod { Metadata = new V1ObjectMeta { GenerateName = "web-" } }.ToString());
        Assert.Equal("V1ObjectMeta shop/web", new V1ObjectMeta { Name = "web", NamespaceProperty = "shop" }.ToString());
        Assert.Equal("V1Pod", new V1Pod().ToString());
        Assert.Equal("V1PodSpec", new V1PodSpec().ToString());
        Assert.Equal("NotFound - pods \"a\" not found", new V1Status { Reason = "NotFound", Message = "pods \"a\" not found", Code = 404 }.ToString());
        Assert.Equal("Conflict", new V1Status { Status = "Failure", Code = 409 }.ToString());
        Assert.Equal("m", new V1Status { Message = "m" }.ToString());
        Assert.Equal("Success", new V1Status { Status = "Success" }.ToString());
    }

    private static object Some(Type type)
    {
        if (type == typeof(string)) return "s";
        if (type == typeof(object)) return "o";
        if (type == typeof(byte[])) return new byte[] { 1 };
        if (type == typeof(ResourceQuantity)) return ResourceQuantity.Zero;
        if (type == typeof(IntOrString)) return new IntOrString(1);
        if (type.IsSubclassOf(typeof(KubeModel))) return Activator.CreateInstance(type);
        if (type == typeof(DateTime)) return new DateTime(2025, 1, 31, 12, 0, 0, DateTimeKind.Utc);
        if (type.IsPrimitive) return Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture);
        var arguments = type.GetGenericArguments();
        return type.GetGenericTypeDefinition() == typeof(Nullable<>) ? Some(arguments[0])
            : type.GetGenericTypeDefinition() == typeof(IList<>) ? Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments))
            : Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments));
    }
}
