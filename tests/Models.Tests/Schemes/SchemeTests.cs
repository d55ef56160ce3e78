using System.Text;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests.Schemes;

public sealed class SchemeTests
{
    [KubernetesEntity(Group = "x.test", ApiVersion = "v1", Kind = "Backup", PluralName = "backups")]
    public sealed class BackupV1 : KubernetesObject
    {
        public int? Keep { get; set; }
    }

    [KubernetesEntity(Group = "x.test", ApiVersion = "v1beta1", Kind = "Backup", PluralName = "backups")]
    public sealed class BackupV1Beta1 : KubernetesObject
    {
        public string? Retention { get; set; }
    }

    [KubernetesEntity(Group = "x.test", ApiVersion = "v1alpha1", Kind = "Backup", PluralName = "backups")]
    public sealed class BackupV1Alpha1 : KubernetesObject
    {
        public int[]? Keep { get; set; }
    }

    static readonly GroupKind Backup = new("x.test", "Backup");

    static SchemeBuilder Backups() => new SchemeBuilder().Add<BackupV1>().Add<BackupV1Beta1>().Add<BackupV1Alpha1>()
        .Default<BackupV1>(backup => backup.Keep ??= 7)
        .Convert<BackupV1Beta1, BackupV1>(old => new BackupV1 { Keep = int.Parse(old.Retention!) })
        .Convert<BackupV1, BackupV1Beta1>(backup => new BackupV1Beta1 { Retention = $"{backup.Keep}" })
        .Convert<BackupV1Alpha1, BackupV1>(old => new BackupV1 { Keep = old.Keep![0] })
        .Convert<BackupV1, BackupV1Alpha1>(backup => new BackupV1Alpha1 { Keep = [backup.Keep!.Value] });

    static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    [Fact]
    public void Types_and_kinds_lead_to_each_other()
    {
        var scheme = Backups().AddBuiltIns().Build();
        Assert.Equal(typeof(V1Deployment), scheme.TypeOf(new GroupVersionKind("apps", "v1", "Deployment")));
        Assert.Equal([Backup.WithVersion("v1")], scheme.KindsOf(typeof(BackupV1)));
        Assert.Equal(["x.test/v1", "x.test/v1beta1", "x.test/v1alpha1"], scheme.VersionsOf(Backup).Select(version => version.ToString()));
        Assert.True(scheme.Recognizes(Backup.WithVersion("v1")));
        Assert.False(scheme.Recognizes(Backup.WithVersion("v2")));
        Assert.Null(scheme.TypeOf(Backup.WithVersion("v2")));
        Assert.Equal(("x.test/v1", "Backup"), scheme.New(Backup.WithVersion("v1")) is BackupV1 made ? (made.ApiVersion, made.Kind) : default);
        Assert.Contains("work with Unstructured", Assert.Throws<SchemeException>(() => scheme.New(Backup.WithVersion("v2"))).Message);
    }

    [Fact]
    public void A_kind_has_one_class()
    {
        var clash = Assert.Throws<ArgumentException>(() => new SchemeBuilder().Add<BackupV1>().Add<BackupV1Beta1>(Backup.WithVersion("v1")));
        Assert.Contains("is registered as", clash.Message);
        new SchemeBuilder().Add<BackupV1>().Add<BackupV1>();
    }

    [Fact]
    public void An_object_of_a_class_with_several_kinds_must_say_which()
    {
        var scheme = new SchemeBuilder().Add<BackupV1>().Add<BackupV1>(Backup.WithVersion("v2")).Build();
        Assert.Contains("set ApiVersion and Kind", Assert.Throws<SchemeException>(() => scheme.KindOf(new BackupV1())).Message);
        Assert.Equal("v2", scheme.KindOf(new BackupV1 { ApiVersion = "x.test/v2", Kind = "Backup" }).Version);
        Assert.Contains("is not registered", Assert.Throws<SchemeException>(() => scheme.KindOf(new BackupV1Beta1())).Message);
    }

    [Fact]
    public void Type_meta_is_restored()
    {
        var pod = Scheme.BuiltIn.RestoreTypeMeta(new V1Pod());
        Assert.Equal(("v1", "Pod"), (pod.ApiVersion, pod.Kind));
        var item = Assert.IsType<V1Pod>(Scheme.BuiltIn.Decode(Bytes("""{"metadata":{"name":"a"}}"""), kind: new GroupVersionKind("", "v1", "Pod")));
        Assert.Equal(("v1", "Pod", "a"), (item.ApiVersion, item.Kind, item.Metadata.Name));
    }

    [Fact]
    public void Decoding_finds_the_type_and_fills_in()
    {
        var scheme = Backups().Build();
        Assert.Equal(7, Assert.IsType<BackupV1>(scheme.Decode(Bytes("""{"apiVersion":"x.test/v1","kind":"Backup"}"""))).Keep);
        Assert.Equal(3, Assert.IsType<BackupV1>(scheme.Decode(Bytes("""{"apiVersion":"x.test/v1","kind":"Backup","keep":3}"""))).Keep);
        Assert.Equal("5", Assert.IsType<BackupV1Beta1>(scheme.Decode(Bytes("""{"apiVersion":"x.test/v1beta1","kind":"Backup","retention":"5"}"""))).Retention);
        Assert.Equal("Other", Assert.IsType<Unstructured>(scheme.Decode(Bytes("""{"apiVersion":"x.test/v1","kind":"Other"}"""))).Kind);
        Assert.Equal(5, scheme.Decode<BackupV1>(KubeObject.Parse(Bytes("""{"apiVersion":"x.test/v1beta1","kind":"Backup","retention":"5"}"""))).Keep);
    }

    [Fact]
    public void Versions_convert_directly_or_through_the_hub()
    {
        var scheme = Backups().Hub<BackupV1>().Build();
        var old = new BackupV1Beta1 { Retention = "5" };
        var direct = scheme.Convert<BackupV1>(old);
        Assert.Equal((5, "x.test/v1", "Backup"), (direct.Keep, direct.ApiVersion, direct.Kind));
        Assert.Equal([5], scheme.Convert<BackupV1Alpha1>(old).Keep!);
        Assert.Equal("5", Assert.IsType<BackupV1Beta1>(scheme.ConvertToVersion(new BackupV1Alpha1 { Keep = [5] }, new GroupVersion("x.test", "v1beta1"))).Retention);
        Assert.Same(old, scheme.Convert<BackupV1Beta1>(old));
        var without = Assert.Throws<SchemeException>(() => Backups().Build().Convert<BackupV1Alpha1>(old));
        Assert.Contains("register SchemeBuilder.Convert<BackupV1Beta1, BackupV1Alpha1>, or a hub for Backup.x.test", without.Message);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/yaml")]
    [InlineData("Application/vnd.kubernetes.protobuf")]
    public void Objects_travel_in_every_form(string mediaType)
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["x"] = "y" } }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] } };
        var bytes = Scheme.BuiltIn.Encode(pod, mediaType);
        var again = Assert.IsType<V1Pod>(Scheme.BuiltIn.Decode(bytes, mediaType));
        Assert.Equal(("v1", "Pod", "a", "i"), (again.ApiVersion, again.Kind, again.Metadata.Name, again.Spec.Containers[0].Image));
        Assert.Equal(KubeJson.SerializeToString(pod), KubeJson.SerializeToString(again));
        // Raw objects go from any form to any other.
        foreach (var codec in ObjectCodec.All)
        {
            var other = Assert.IsType<V1Pod>(Scheme.BuiltIn.Decode(codec.Write(ObjectCodec.For(mediaType).Read(bytes)), codec.MediaType));
            Assert.Equal("i", other.Spec.Containers[0].Image);
        }
    }

    [Fact]
    public void What_a_form_cannot_carry_is_refused()
    {
        Assert.Throws<NotSupportedException>(() => Backups().Build().Encode(new BackupV1(), ObjectCodec.Protobuf));
        Assert.Contains("expected application/json, application/yaml", Assert.Throws<NotSupportedException>(() => ObjectCodec.For("text/plain")).Message);
        Assert.Null(ObjectCodec.TryFor(null));
    }
}
