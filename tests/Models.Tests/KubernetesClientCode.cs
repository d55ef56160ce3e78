#nullable disable
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using YamlDotNet.Serialization;

namespace Models.Tests;

/// <summary>
/// Every public member of the model side of KubernetesClient (version 20), as code that was written for it uses them: with its namespaces alone, and with its parameters' names. What it takes to compile is the
/// test; the assertions say that it does what is expected there.
/// </summary>
public class KubernetesClientCode
{
    private const string PodJson = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},"spec":{"containers":[]},"status":{"phase":"Running"}}""";

    [Fact]
    public void Records_are_copied_with_changes_and_compared()
    {
        V1Pod pod = KubernetesJson.Deserialize<V1Pod>(PodJson);
        V1Pod other = pod with { Metadata = pod.Metadata with { Name = "other" }, Spec = pod.Spec with { NodeName = "n" } };
        Assert.Equal(("web", "other", "n"), (pod.Name(), other.Name(), other.Spec.NodeName));
        Assert.True(pod == pod with { } && pod != other && pod.Equals(pod with { }));
        Assert.True(pod is { Metadata.Name: "web", Status: { Phase: "Running" } });
        // Records that require their fields there are made as all are.
        var binding = new V1RoleBinding { RoleRef = new V1RoleRef { ApiGroup = V1Role.KubeGroup, Kind = V1Role.KubeKind, Name = "r" }, Subjects = [new Rbacv1Subject { Kind = "User", Name = "u" }] };
        Assert.Equal("r", binding.RoleRef.Name);
    }

    [Fact]
    public void Lists_are_gone_through_without_naming_their_items()
    {
        var names = new List<string>();
        foreach (var pod in new V1PodList { Items = [KubernetesJson.Deserialize<V1Pod>(PodJson)] }) names.Add(pod.Name());
        foreach (var own in new KubernetesList<Own>(items: [new Own { Metadata = new V1ObjectMeta { Name = "own" } }], apiVersion: "x.test/v1", kind: "OwnList", metadata: new V1ListMeta { ResourceVersion = "7" })) names.Add(own.Name());
        foreach (var none in new V1PodList()) names.Add(none.Name());
        Assert.Equal(["web", "own"], names);

        IItems<V1Pod> items = new V1PodList { Items = new List<V1Pod>() };
        IMetadata<V1ListMeta> metadata = new V1PodList();
        Assert.Empty(items.Items);
        Assert.Null(metadata.Continue());
        Assert.NotNull(metadata.EnsureMetadata());
        Assert.Null(metadata.ResourceVersion());
        Assert.Throws<ArgumentNullException>(() => ((IItems<V1Pod>)null).GetEnumerator());
    }

    [Fact]
    public void Own_classes_stand_on_the_same_bases_and_interfaces()
    {
        var own = new Own { Spec = new OwnSpec { Every = TimeSpan.FromMinutes(90), Mode = Mode.SlowAndSure }, Status = new OwnStatus { Ready = true } }.Initialize();
        Assert.Equal(("x.test/v1", "Own", "owns"), (own.ApiVersion, own.Kind, own.GetKubernetesTypeMetadata().PluralName));
        Assert.Equal("x.test", typeof(Own).GetKubernetesTypeMetadata().Group);
        ISpec<OwnSpec> spec = own;
        IStatus<OwnStatus> status = own;
        IMetadata<V1ObjectMeta> metadata = own;
        IKubernetesObject<V1ObjectMeta> kind = own;
        Assert.Equal((TimeSpan.FromMinutes(90), true), (spec.Spec.Every, status.Status.Ready));
        Assert.Same(own.Metadata, metadata.EnsureMetadata());
        Assert.Equal(("x.test", "v1", ("x.test", "v1")), (kind.ApiGroup(), kind.ApiGroupVersion(), kind.ApiGroupAndVersion()));
        kind.GetApiGroupAndVersion(out var group, out var version);
        Assert.Equal(("x.test", "v1"), (group, version));
        Assert.Equal("""{"apiVersion":"x.test/v1","kind":"Own","metadata":{},"spec":{"every":"PT1H30M","mode":"SlowAndSure"},"status":{"ready":true}}""", Sorted(KubernetesJson.Serialize(own)));

        // An object of which nothing is known yet.
        var any = KubernetesJson.Deserialize<KubernetesObject>(PodJson);
        Assert.Equal(("v1", "Pod"), (any.ApiVersion, any.Kind));
        Assert.Equal("Pod", new KubernetesObject { Kind = "Pod" }.Kind);
    }

    [Fact]
    public void Extension_methods_read_and_change_metadata()
    {
        var owner = new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "o", Uid = "u", NamespaceProperty = "shop" } };
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "shop", Uid = "1", ResourceVersion = "2", Generation = 3, CreationTimestamp = DateTime.UnixEpoch, DeletionTimestamp = DateTime.UnixEpoch } };

        Assert.Equal(("web", "shop", "1", "2", 3L), (pod.Name(), pod.Namespace(), pod.Uid(), pod.ResourceVersion(), pod.Generation()));
        Assert.Equal((DateTime.UnixEpoch, DateTime.UnixEpoch), (pod.CreationTimestamp(), pod.DeletionTimestamp()));
        Assert.True(pod.AddFinalizer(finalizer: "f") && pod.HasFinalizer(finalizer: "f") && !pod.AddFinalizer("f") && pod.RemoveFinalizer(finalizer: "f") && !pod.RemoveFinalizer("f"));
        Assert.Empty(pod.Finalizers());
        pod.SetLabel(key: "a", value: "b");
        pod.SetAnnotation(key: "c", value: "d");
        Assert.Equal(("b", "d", "b", "d"), (pod.GetLabel(key: "a"), pod.GetAnnotation(key: "c"), pod.Labels()["a"], pod.Annotations()["c"]));
        pod.SetLabel("a", null);
        Assert.Null(pod.GetLabel("a"));
        pod.AddOwnerReference(ownerRef: new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o", Uid = "u", Controller = true });
        Assert.Equal((0, 0), (pod.FindOwnerReference(owner: owner), pod.FindOwnerReference(predicate: r => r.Name == "o")));
        Assert.True(pod.IsOwnedBy(owner: owner) && pod.GetController() is { Name: "o" } && pod.GetOwnerReference(owner: owner) is not null && pod.GetOwnerReference(predicate: r => r.Uid == "u").Matches(obj: owner));
        Assert.Single(pod.OwnerReferences());
        Assert.NotNull(pod.RemoveOwnerReference(owner: owner));
        Assert.False(pod.RemoveOwnerReferences(owner: owner) || pod.RemoveOwnerReferences(predicate: r => true));
        Assert.True(new V1ObjectReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o", Uid = "u", NamespaceProperty = "shop" }.Matches(obj: owner));
        var meta = new V1ObjectMeta();
        meta.SetNamespace(ns: "n");
        Assert.Equal("n", meta.Namespace());
        Assert.Empty(meta.EnsureLabels().Values);
        Assert.Empty(meta.EnsureAnnotations().Values);
        Assert.Empty(meta.EnsureFinalizers());
        // A pod's template has metadata too.
        Assert.Equal("t", new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Name = "t" } }.Name());
    }

    [Fact]
    public void A_status_may_be_the_object_that_was_deleted()
    {
        var deleted = KubernetesJson.Deserialize<V1Status>(PodJson);
        Assert.True(deleted.HasObject);
        var pod = deleted.ObjectView<V1Pod>();
        Assert.Equal(("web", "Running"), (pod.Name(), pod.Status.Phase));
        Assert.Equal(Sorted(PodJson), Sorted(KubernetesJson.Serialize(deleted)));
        // Fields of the same name and another shape are no hindrance, nor is an object without a status.
        Assert.Equal(7, KubernetesJson.Deserialize<V1Status>("""{"kind":"Own","apiVersion":"x.test/v1","code":"c","details":[1],"spec":{"size":7}}""").ObjectView<Own>().Spec.Size);
        Assert.True(KubernetesJson.Deserialize<V1Status>("""{"kind":"ConfigMap","apiVersion":"v1","data":{"a":"b"}}""").HasObject);

        var status = KubernetesJson.Deserialize<V1Status>("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":"NotFound","code":404,"details":{"name":"web"}}""");
        Assert.False(status.HasObject);
        Assert.Equal(("NotFound - no", "web", 404), (status.ToString(), status.Details.Name, status.Code));
        Assert.Throws<InvalidOperationException>(status.ObjectView<V1Pod>);
        var options = new JsonSerializerOptions { Converters = { new V1Status.V1StatusObjectViewConverter() } };
        Assert.Equal("web", JsonSerializer.Deserialize<V1Status>(PodJson, options).ObjectView<V1Pod>().Name());
    }

    [Fact]
    public void IntOrString_and_quantities_convert_both_ways()
    {
        IntOrString port = 80, name = "http", large = 8080L, none = (string)null;
        string text = name;
        Assert.Equal(("80", "http", "http", 8080, 80), (port.Value, text, name.ToString(), large.ToInt(), ((IntOrString)"80").ToInt()));
        Assert.Null(none);
        Assert.Throws<FormatException>(() => name.ToInt());
        Assert.Equal("80", new IntOrString { Value = "80" });

        ResourceQuantity cpu = "1500m", memory = new ResourceQuantity("1.5Gi"), number = 0.5m, nothing = (string)null;
        decimal cores = cpu;
        Assert.Equal((1.5m, "1536Mi", "500m", 0), (cores, memory.ToString(), number.CanonicalizeString(ResourceQuantity.SuffixFormat.DecimalSI), nothing.ToInt32()));
        Assert.Equal("12e6", new ResourceQuantity(n: 12, exp: 6, format: ResourceQuantity.SuffixFormat.DecimalExponent).CanonicalizeString());
        Assert.Equal(ResourceQuantity.SuffixFormat.BinarySI, memory.Format);
        Assert.Equal((2, 2L, 2u, 2ul, 1.5, 1.5m), (cpu.ToInt32(), cpu.ToInt64(), cpu.ToUInt32(), cpu.ToUInt64(), cpu.ToDouble(), cpu.ToDecimal()));
        Assert.True(cpu == new ResourceQuantity("1.5") && cpu != memory && cpu.Equals(new ResourceQuantity("1.5")) && cpu.GetHashCode() == new ResourceQuantity("1.5").GetHashCode());
        Assert.Equal(new System.Numerics.BigInteger(2), cpu.ToBigInteger());
        Assert.Equal((decimal)long.MaxValue, ResourceQuantity.MaxAllowed);
    }

    [Fact]
    public void Json_takes_every_form_of_input_and_options()
    {
        using var document = JsonDocument.Parse(PodJson);
        Assert.Equal("web", KubernetesJson.Deserialize<V1Pod>(json: document).Name());
        Assert.Equal("web", KubernetesJson.Deserialize<V1Pod>(json: document.RootElement).Name());
        Assert.Equal("web", KubernetesJson.Deserialize<V1Pod>(json: JsonNode.Parse(PodJson)).Name());
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(PodJson));
        Assert.Equal("web", KubernetesJson.Deserialize<V1Pod>(json: stream).Name());
        string[] written = [KubernetesJson.Serialize(value: document), KubernetesJson.Serialize(document.RootElement), KubernetesJson.Serialize(JsonNode.Parse(PodJson)), KubernetesJson.Serialize(KubernetesJson.Deserialize<V1Pod>(PodJson))];
        Assert.All(written, json => Assert.Equal(Sorted(PodJson), Sorted(json)));

        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new KubernetesJson.Iso8601TimeSpanConverter(), new KubernetesJson.KubernetesDateTimeConverter(), new KubernetesJson.KubernetesDateTimeOffsetConverter(), new JsonStringEnumConverter() } };
        var spec = KubernetesJson.Deserialize<OwnSpec>("""{"every":"PT5M","mode":"SlowAndSure","last_run":"2025-01-31T12:00:00.5Z"}""", jsonSerializerOptions: options);
        Assert.Equal((TimeSpan.FromMinutes(5), new DateTime(2025, 1, 31, 12, 0, 0, 500, DateTimeKind.Utc)), (spec.Every, spec.LastRun));
        Assert.Equal("""{"every":"PT5M","last_run":"2025-01-31T12:00:00.500000Z","mode":"SlowAndSure"}""", Sorted(KubernetesJson.Serialize(spec, jsonSerializerOptions: options)));
        // Generated types look the same whatever the options.
        Assert.Equal("""{"clusterIP":"None"}""", KubernetesJson.Serialize(new V1ServiceSpec { ClusterIP = "None" }, options));
        // What earlier versions of ActorKube wrote is still read.
        Assert.Equal(TimeSpan.FromMinutes(5), KubernetesJson.Deserialize<OwnSpec>("""{"every":"00:05:00"}""").Every);
        Assert.Contains("PT1H30M", Assert.ThrowsAny<Exception>(() => KubernetesJson.Deserialize<OwnSpec>("""{"every":"soon"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_can_be_changed_for_the_whole_program()
    {
        Assert.Equal("""{"weather":"VeryWet"}""", KubernetesJson.Serialize(new Forecast { Weather = Weather.VeryWet }));

        KubernetesJson.AddJsonOptions(options => options.Converters.Insert(index: 0, new JsonStringEnumConverter<Weather>(JsonNamingPolicy.KebabCaseLower)));

        Assert.Equal("""{"weather":"very-wet"}""", KubernetesJson.Serialize(new Forecast { Weather = Weather.VeryWet }));
        Assert.Equal(Weather.VeryWet, KubernetesJson.Deserialize<Forecast>("""{"weather":"very-wet"}""").Weather);
        Assert.Throws<ArgumentNullException>(() => KubernetesJson.AddJsonOptions(null));
    }

    [Fact]
    public async Task Yaml_takes_every_form_of_input()
    {
        var yaml = KubernetesYaml.Serialize(KubernetesJson.Deserialize<V1Pod>(PodJson));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, yaml);
        try
        {
            Assert.Equal("web", (await KubernetesYaml.LoadFromFileAsync<V1Pod>(file: file, strict: true)).Name());
            Assert.Equal("web", ((V1Pod)Assert.Single(await KubernetesYaml.LoadAllFromFileAsync(fileName: file, typeMap: new Dictionary<string, Type> { { "v1/Pod", typeof(V1Pod) } }, strict: true))).Name());
        }
        finally
        {
            File.Delete(file);
        }
        using (var stream = Stream()) Assert.Equal("web", KubernetesYaml.Deserialize<V1Pod>(yaml: stream, strict: true).Name());
        using (var stream = Stream()) Assert.Equal("web", (await KubernetesYaml.LoadFromStreamAsync<V1Pod>(stream: stream)).Name());
        using (var stream = Stream()) Assert.Single(await KubernetesYaml.LoadAllFromStreamAsync(stream: stream));
        Assert.Equal("web", KubernetesYaml.LoadFromString<V1Pod>(content: yaml).Name());
        Assert.Equal("web", KubernetesYaml.Deserialize<V1Pod>(yaml: yaml).Name());
        Assert.Single(KubernetesYaml.LoadAllFromString(content: yaml, typeMap: null, strict: false));
        Assert.Equal(yaml, KubernetesYaml.SaveToString(KubernetesYaml.Deserialize<V1Pod>(yaml)));
        Assert.Equal(("", "", ""), (KubernetesYaml.Serialize(null), KubernetesYaml.SerializeAll(null), KubernetesYaml.SerializeAll(values: [null])));

        MemoryStream Stream() => new(Encoding.UTF8.GetBytes(yaml));
    }

    [Fact]
    public void A_serializer_of_ones_own_takes_the_converters()
    {
        var reader = new DeserializerBuilder().WithTypeConverter(new IntOrStringYamlConverter()).WithTypeConverter(new ResourceQuantityYamlConverter())
            .WithTypeConverter(new KubernetesDateTimeYamlConverter()).WithTypeConverter(new KubernetesDateTimeOffsetYamlConverter()).Build();
        var writer = new SerializerBuilder().WithTypeConverter(new IntOrStringYamlConverter()).WithTypeConverter(new ResourceQuantityYamlConverter())
            .WithTypeConverter(new KubernetesDateTimeYamlConverter()).WithTypeConverter(new KubernetesDateTimeOffsetYamlConverter()).Build();
        const string yaml = "Port: 80\nName: \"80\"\nAmount: \"1500m\"\nAt: \"2025-01-31T12:00:00Z\"\nSince: \"2025-01-31T11:00:00.500000Z\"\n";

        var values = reader.Deserialize<Values>(yaml.Replace("11:00:00.500000Z", "12:00:00.5+01:00", StringComparison.Ordinal).Replace("\"1500m\"", "1.5", StringComparison.Ordinal));

        Assert.Equal((80, "80"), (values.Port.ToInt(), values.Name.Value));
        Assert.Equal(yaml, writer.Serialize(values).ReplaceLineEndings("\n"));
        Assert.Null(reader.Deserialize<Values>("Amount: ''").Amount);
        Assert.Equal(1, Assert.ThrowsAny<YamlDotNet.Core.YamlException>(() => reader.Deserialize<Values>("At: noon")).Start.Line);
        var options = new JsonSerializerOptions { Converters = { new IntOrStringJsonConverter(), new ResourceQuantityJsonConverter(), new V1PatchJsonConverter() } };
        Assert.Equal("80", JsonSerializer.Serialize<IntOrString>(80, options));
        Assert.Equal("\"1500m\"", JsonSerializer.Serialize<ResourceQuantity>("1.5", options));
    }

    [Fact]
    public void Patches_hold_text_and_objects()
    {
        var patch = new V1Patch(body: """[{"op":"remove","path":"/spec"}]""", type: V1Patch.PatchType.JsonPatch);
        Assert.Equal(V1Patch.PatchType.JsonPatch, patch.Type);
        Assert.Equal("""[{"op":"remove","path":"/spec"}]""", KubernetesJson.Serialize(patch));
        Assert.Equal("""{"spec":{"nodeName":"n"}}""", KubernetesJson.Serialize(new V1Patch(new V1Pod { Spec = new V1PodSpec { NodeName = "n" } }, V1Patch.PatchType.StrategicMergePatch)));
        Assert.IsType<string>(patch.Content);
        Assert.Throws<ArgumentException>(() => new V1Patch("{}", V1Patch.PatchType.Unknown));
        Assert.Throws<ArgumentNullException>(() => new V1Patch(null, V1Patch.PatchType.MergePatch));
        Assert.Equal([V1Patch.PatchType.Unknown, V1Patch.PatchType.JsonPatch, V1Patch.PatchType.MergePatch, V1Patch.PatchType.StrategicMergePatch, V1Patch.PatchType.ApplyPatch], Enum.GetValues<V1Patch.PatchType>());
    }

    [Fact]
    public void Metrics_are_what_the_metrics_server_serves()
    {
        var pods = KubernetesJson.Deserialize<PodMetricsList>("""{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[{"metadata":{"name":"web","namespace":"shop"},"timestamp":"2025-01-31T12:00:00Z","window":"17.5s","containers":[{"name":"c","usage":{"cpu":"2500000n","memory":"12Mi"}}]}]}""");
        foreach (PodMetrics pod in pods.Items)
        {
            Assert.Equal(("web", "17.5s", new DateTime(2025, 1, 31, 12, 0, 0, DateTimeKind.Utc)), (pod.Name(), pod.Window, pod.Timestamp));
            foreach (ContainerMetrics container in pod.Containers) Assert.Equal(("c", 0.0025m), (container.Name, container.Usage["cpu"].ToDecimal()));
        }
        var nodes = KubernetesJson.Deserialize<NodeMetricsList>("""{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"n"},"usage":{"memory":"1Gi"}}]}""");
        NodeMetrics node = nodes.Items.Single();
        Assert.Equal(("n", 1L << 30, "1", "NodeMetricsList"), (node.Metadata.Name, node.Usage["memory"].ToInt64(), nodes.Metadata.ResourceVersion, nodes.Kind));
        Assert.Equal("metrics.k8s.io/v1beta1", new NodeMetrics().Initialize().ApiVersion);
    }

    [Fact]
    public void Versions_are_constants()
    {
        Assert.Equal("v1.32.0", GeneratedModelVersion.SwaggerVersion);
        Assert.Equal(GeneratedModelVersion.SwaggerVersion, GeneratedApiVersion.SwaggerVersion);
        Assert.Equal(GeneratedApiVersion.AssemblyVersion, GeneratedModelVersion.AssemblyVersion);
        Assert.Equal(GeneratedModelVersion.AssemblyVersion, typeof(V1Pod).Assembly.GetName().Version.ToString(3));
    }

    private static string Sorted(string json) => Ordered(JsonNode.Parse(json)).ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonNode Ordered(JsonNode node) => node is JsonObject map
        ? new JsonObject(map.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Ordered(member.Value))))
        : node?.DeepClone();

    [KubernetesEntity(Group = "x.test", ApiVersion = "v1", Kind = "Own", PluralName = "owns")]
    private sealed class Own : KubernetesObject, IKubernetesObject<V1ObjectMeta>, ISpec<OwnSpec>, IStatus<OwnStatus>
    {
        public V1ObjectMeta Metadata { get; set; }

        public OwnSpec Spec { get; set; }

        public OwnStatus Status { get; set; }
    }

    private sealed class OwnSpec
    {
        public int? Size { get; set; }

        public TimeSpan? Every { get; set; }

        public Mode? Mode { get; set; }

        public DateTime? LastRun { get; set; }
    }

    private sealed class OwnStatus
    {
        public bool Ready { get; set; }
    }

    private enum Mode
    {
        Fast,
        SlowAndSure,
    }

    private enum Weather
    {
        Dry,
        VeryWet,
    }

    private sealed class Forecast
    {
        public Weather Weather { get; set; }
    }

    private sealed class Values
    {
        public IntOrString Port { get; set; }

        public IntOrString Name { get; set; }

        public ResourceQuantity Amount { get; set; }

        public DateTime At { get; set; }

        public DateTimeOffset Since { get; set; }
    }
}
