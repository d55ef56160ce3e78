#nullable disable
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests;

/// <summary>Code as users of the C# client write it: it compiles here, and does what they expect.</summary>
public class KubernetesClientNames
{
    [Fact]
    public void Code_written_for_the_csharp_client_compiles_and_works()
    {
        var deployment = new V1Deployment
        {
            ApiVersion = $"{V1Deployment.KubeGroup}/{V1Deployment.KubeApiVersion}",
            Kind = V1Deployment.KubeKind,
            Metadata = new V1ObjectMeta(),
            Spec = new V1DeploymentSpec
            {
                Replicas = 2,
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { { "app", "web" } } },
                Strategy = new V1DeploymentStrategy { RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = "25%", MaxUnavailable = 1 } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
                    Spec = new V1PodSpec
                    {
                        Containers = new List<V1Container>
                        {
                            new()
                            {
                                Name = "web",
                                Image = "nginx",
                                Ports = new[] { new V1ContainerPort { ContainerPort = 80, Protocol = "TCP" } },
                                Env = new List<V1EnvVar> { new() { Name = "A", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } } } },
                                LivenessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/", Port = 80 }, PeriodSeconds = 5 },
                                Resources = new V1ResourceRequirements
                                {
                                    Limits = new Dictionary<string, ResourceQuantity> { { "cpu", new ResourceQuantity("500m") }, { "memory", new ResourceQuantity("1Gi") } },
                                },
                                VolumeMounts = new List<V1VolumeMount> { new() { Name = "v", MountPath = "/v", ReadOnlyProperty = true } },
                                SecurityContext = new V1SecurityContext { RunAsNonRoot = true },
                            },
                        },
                        Volumes = new List<V1Volume> { new() { Name = "v", ConfigMap = new V1ConfigMapVolumeSource { Name = "c" } } },
                        Tolerations = new List<V1Toleration> { new() { Key = "k", OperatorProperty = "Exists" } },
                    },
                },
            },
        };
        deployment.Metadata.Name = "web";
        deployment.Metadata.NamespaceProperty = "shop";
        deployment.SetLabel("app", "web");

        IKubernetesObject<V1ObjectMeta> any = deployment;
        ISpec<V1DeploymentSpec> withSpec = deployment;
        IStatus<V1DeploymentStatus> withStatus = deployment;
        IItems<V1Deployment> list = new V1DeploymentList { Items = new List<V1Deployment> { deployment } };

        Assert.Equal("web", any.Name());
        Assert.Equal("shop", any.Namespace());
        Assert.Equal("apps", any.ApiGroup());
        Assert.Equal(2, withSpec.Spec.Replicas);
        Assert.Null(withStatus.Status);
        Assert.Single(list.Items);
        Assert.Equal("deployments", V1Deployment.KubePluralName);
        Assert.Equal(deployment.Spec.Template.Spec.Containers[0].Resources.Limits["cpu"], new ResourceQuantity("0.5"));
        Assert.Equal("1Gi", deployment.Spec.Template.Spec.Containers[0].Resources.Limits["memory"].Value);
        string surge = deployment.Spec.Strategy.RollingUpdate.MaxSurge;
        Assert.Equal("25%", surge);
        foreach (var container in deployment.Spec.Template.Spec.Containers) Assert.Equal(80, container.Ports[0].ContainerPort);
        Assert.Equal(2, KubeJson.Deserialize<V1Deployment>(KubeJson.Serialize(deployment)).Spec.Replicas.Value);
    }

    [Fact]
    public void Types_of_the_same_name_in_two_groups_carry_their_group()
    {
        Type[] types =
        [
            typeof(Corev1Event), typeof(Eventsv1Event), typeof(Corev1EventList), typeof(Eventsv1EventList), typeof(Corev1EventSeries), typeof(Eventsv1EventSeries),
            typeof(Corev1EndpointPort), typeof(Discoveryv1EndpointPort), typeof(Rbacv1Subject), typeof(Flowcontrolv1Subject),
            typeof(Admissionregistrationv1ServiceReference), typeof(Apiextensionsv1ServiceReference), typeof(Apiregistrationv1ServiceReference),
            typeof(Admissionregistrationv1WebhookClientConfig), typeof(Apiextensionsv1WebhookClientConfig), typeof(Authenticationv1TokenRequest), typeof(Storagev1TokenRequest),
        ];

        Assert.All(types, type => Assert.Equal("k8s.Models", type.Namespace));
        Assert.NotNull(new VersionInfo());
        Assert.NotNull(new V1JSONSchemaProps { RefProperty = "a", DefaultProperty = 1, EnumProperty = [], Schema = "s", XKubernetesPreserveUnknownFields = true });
        Assert.NotNull(new V1ListMeta { ContinueProperty = "c", RemainingItemCount = 1 });
        Assert.NotNull(new V1NetworkPolicyIngressRule { FromProperty = [] });
        Assert.NotNull(new V1Lease { Spec = new V1LeaseSpec { AcquireTime = DateTime.UtcNow, HolderIdentity = "me", LeaseDurationSeconds = 15, RenewTime = DateTime.UtcNow } });
        Assert.NotNull(new V1Service { Spec = new V1ServiceSpec { ClusterIP = "None", ExternalIPs = [], IpFamilies = [] } });
        Assert.NotNull(new Corev1Event { InvolvedObject = new V1ObjectReference(), EventTime = null, FirstTimestamp = DateTime.UtcNow, Count = 1 });
    }

    [Fact]
    public async Task Json_and_yaml_are_read_and_written_under_the_names_that_users_know()
    {
        const string yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n---\napiVersion: x.test/v1\nkind: Own\nmetadata:\n  name: b\n---\napiVersion: x.test/v1\nkind: Mapped\nmetadata:\n  name: c\n";

        var all = KubernetesYaml.LoadAllFromString(yaml, new Dictionary<string, Type> { ["x.test/v1/Mapped"] = typeof(Mapped) });

        Assert.Equal("a", Assert.IsType<V1Pod>(all[0]).Metadata.Name);
        Assert.Equal("b", Assert.IsType<Unstructured>(all[1]).Name);
        Assert.Equal("c", Assert.IsType<Mapped>(all[2]).Metadata.Name);
        Assert.Equal("a", KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(all[0])).Name());
        Assert.Equal("a", KubernetesJson.Deserialize<V1Pod>(new MemoryStream(KubeJson.Serialize(all[0]))).Name());
        Assert.Equal("a", KubernetesYaml.Deserialize<V1Pod>(KubernetesYaml.Serialize(all[0])).Name());
        Assert.Equal(3, (await KubernetesYaml.LoadAllFromStreamAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(KubernetesYaml.SerializeAll(all))))).Count);
        Assert.Equal("a", (await KubernetesYaml.LoadFromStreamAsync<V1Pod>(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(KubernetesYaml.Serialize(all[0]))))).Name());
        Assert.Throws<StrictDecodingException>(() => KubernetesYaml.LoadAllFromString("kind: Pod\napiVersion: v1\nspek: {}", strict: true));
        Assert.Throws<StrictDecodingException>(() => KubernetesYaml.LoadAllFromString("kind: Pod\nkind: Pod\napiVersion: v1", strict: true));
        Assert.Throws<StrictDecodingException>(() => KubernetesYaml.Deserialize<V1Pod>("kind: Pod\nspek: {}", strict: true));
    }

    [Fact]
    public void Code_written_for_older_versions_of_the_csharp_client_compiles_and_works()
    {
        // The name of IntOrString up to version 17.
        var service = new V1ServiceSpec { Ports = new List<V1ServicePort> { new() { Port = 80, TargetPort = new IntstrIntOrString("http") }, new() { TargetPort = new IntstrIntOrString { Value = "8080" } } } };
        IntstrIntOrString port = service.Ports[1].TargetPort;
        IntstrIntOrString number = 80, text = "25%", longNumber = 81L;
        string spelt = text;
        Assert.Equal(("8080", "25%", "80", "81"), (port.Value, spelt, number.ToString(), (string)longNumber));
        Assert.Equal(new IntstrIntOrString("http"), service.Ports[0].TargetPort);
        Assert.Null((IntOrString)(IntstrIntOrString)null);
        Assert.Null((string)(IntstrIntOrString)null);
        Assert.Equal("""{"ports":[{"port":80,"targetPort":"http"},{"port":0,"targetPort":8080}]}""", KubernetesJson.Serialize(service));
        // What was text on the wire stays text.
        Assert.Equal("""["80",80]""", KubernetesJson.Serialize(KubernetesJson.Deserialize<IntstrIntOrString[]>("""["80",80]""")));

        IValidate pod = new V1Pod { Metadata = new V1ObjectMeta(), Spec = new V1PodSpec { Containers = new List<V1Container> { new() { Name = "a", Env = [new V1EnvVar { Name = "b" }] } } } };
        pod.Validate();
        ((V1Pod)pod).Spec.Containers[0].Env[0].Name = null;
        Assert.Equal("spec.containers[0].env[0].name", Assert.Throws<ArgumentNullException>(pod.Validate).ParamName);
        Assert.Equal("spec.selector", Assert.Throws<ArgumentNullException>(() => new V1Deployment { Spec = new V1DeploymentSpec { Template = new V1PodTemplateSpec() } }.Validate()).ParamName);
        new V1PodList { Items = [new V1Pod()] }.Validate();
        var definition = new V1JSONSchemaProps { Properties = new Dictionary<string, V1JSONSchemaProps> { ["a"] = new() { XKubernetesValidations = [new V1ValidationRule()] } } };
        Assert.Equal("properties[a].x-kubernetes-validations[0].rule", Assert.Throws<ArgumentNullException>(definition.Validate).ParamName);

        Assert.Equal(("Mapped", "x.test/v1"), (new Mapped().Initialize().Kind, new Mapped().Initialize().ApiVersion));
        Assert.NotNull(new Mapped().Initialize().Metadata);
        Assert.Equal("v1", new V1Pod().Initialize().ApiVersion);
        Assert.Equal("pods", new V1Pod().GetKubernetesTypeMetadata().PluralName);
        Assert.Throws<InvalidOperationException>(() => typeof(string).GetKubernetesTypeMetadata());
        var list = KubernetesJson.Deserialize<KubernetesList<Mapped>>("""{"apiVersion":"x.test/v1","kind":"MappedList","metadata":{"resourceVersion":"7","continue":"c"},"items":[{"metadata":{"name":"a"}}]}""");
        Assert.Equal(("7", "c", "a"), (list.ResourceVersion(), list.Continue(), list.Items.Single().Name()));
        Assert.Single(new KubernetesList<Mapped>([new Mapped()], kind: "MappedList").Items);
    }

    [Fact]
    public void Patches_have_the_name_that_users_know()
    {
        var patch = new V1Patch(new V1Pod { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["a"] = "b" } } }, V1Patch.PatchType.MergePatch);

        Assert.Equal("""{"metadata":{"labels":{"a":"b"}}}""", System.Text.Encoding.UTF8.GetString(patch.ToUtf8()));
        Assert.Equal("[]", System.Text.Encoding.UTF8.GetString(new V1Patch("[]", V1Patch.PatchType.JsonPatch).ToUtf8()));
        Assert.DoesNotContain("labels", patch.ToString());
        Assert.Throws<ArgumentException>(() => new V1Patch("{}", V1Patch.PatchType.Unknown));
    }

    [KubernetesEntity(Group = "x.test", ApiVersion = "v1", Kind = "Mapped", PluralName = "mappeds")]
    private sealed class Mapped : KubernetesObject, IKubernetesObject<V1ObjectMeta>
    {
        public V1ObjectMeta Metadata { get; set; }
    }
}
