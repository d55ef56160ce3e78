#nullable disable
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Models.ApplyConfigurations;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Actor;
using Cnat;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tool.Tests.Examples;

/// <summary>What the documentation's examples use without declaring it.</summary>
public static class ExampleNames
{
    /// <summary>What is at the top of each example's file.</summary>
    public const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.CommandLine;
        global using System.ComponentModel.DataAnnotations;
        global using System.IO;
        global using System.Linq;
        global using System.Net;
        global using System.Net.Http;
        global using System.Text.Json;
        global using System.Text.Json.Nodes;
        global using System.Text.Json.Serialization;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using ActorKube.Actors;
        global using ActorKube.ApiServer;
        global using ActorKube.Cluster;
        global using ActorKube.CommandLine;
        global using ActorKube.ControllerManager;
        global using ActorKube.Hosting;
        global using ActorKube.Kubelet;
        global using ActorKube.Local;
        global using ActorKube.Models;
        global using ActorKube.Models.ApplyConfigurations;
        global using ActorKube.Testing;
        global using ActorKube.Transport;
        global using Akka.Actor;
        global using Akka.Cluster.Hosting;
        global using Akka.Hosting;
        global using Akka.Remote.Hosting;
        global using Akka.Streams;
        global using Akka.Streams.Dsl;
        global using Cnat;
        global using k8s;
        global using k8s.Models;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Tool.Tests.Examples;
        global using Xunit;
        global using YamlDotNet.Serialization;
        global using static Tool.Tests.Examples.ExampleNames;
        """;

    public static readonly byte[] bytes, line, item;
    public static readonly string json, text, name, body;
    public static readonly string[] names;
    public static readonly CancellationToken cancellation;
    public static readonly TimeProvider time;
    public static readonly ILogger log;
    public static readonly WebApplication app;
    public static readonly HostApplicationBuilder builder;
    public static readonly RootCommand root;
    public static readonly ActorSystem system;
    public static readonly KubernetesBuilder kube;
    public static readonly CancellationTokenSource limit;

    public static readonly V1Deployment deployment, live, wanted;
    public static readonly V1Pod pod;
    public static readonly V1PodList pods, list;
    public static readonly PodMetrics metrics;
    public static readonly Unstructured widget;
    public static readonly V1DeploymentApplyConfiguration desired;
    public static readonly BackupStatus status;
    public static readonly At at, lunch, lunchInAnHour;
    public static readonly V1CustomResourceDefinition crd;
    public static BackupV1 backup;

    public static readonly CronTab cronTab;
    public static readonly byte[] review;
    public static readonly IAdmissionHandler handler;
    public static readonly AdmissionRequest<CronTab> request;
    public static readonly WebhookBuilder webhooks;

    public static readonly IKubernetesClient client;
    public static readonly IResourceClient<V1ConfigMap> maps;
    public static readonly IResourceClient<V1Deployment> deployments;
    public static readonly IResourceClient<BackupV1> backups;
    public static readonly EmbeddedApiServer server;
    public static readonly Scheme scheme;
    public static readonly MergeSchema schema;
    public static readonly FieldSet owned;
    public static readonly KubernetesException error;

    public static readonly JsonObject before, after, written, configuration;
    public static JsonObject stored;

    public static void Keep(object anything) => _ = anything;

    public static void Use(object anything) => _ = anything;

    public static BackupV1 Upgrade(BackupV1Beta1 older) => new() { Metadata = older.Metadata };

    public static BackupV1Beta1 Downgrade(BackupV1 newer) => new() { Metadata = newer.Metadata };

    public static Task<bool> IsReadyAsync(CancellationToken cancellation) => Task.FromResult(!cancellation.IsCancellationRequested);

    public static Task UpdateStatusAsync() => Task.CompletedTask;

    public static Task<T> ReadAsync<T>(object request) => Task.FromResult(KubeJson.Deserialize<T>(request.ToString()));
}

[KubernetesEntity(Group = "shop.example.com", ApiVersion = "v1", Kind = "Backup", PluralName = "backups"), ResourceVersion(Storage = true)]
public sealed class BackupV1 : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    public V1ObjectMeta Metadata { get; set; }

    public BackupSpec Spec { get; set; } = new();
}

[KubernetesEntity(Group = "shop.example.com", ApiVersion = "v1beta1", Kind = "Backup", PluralName = "backups")]
public sealed class BackupV1Beta1 : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    public V1ObjectMeta Metadata { get; set; }
}

[KubernetesEntity(Group = "shop.example.com", ApiVersion = "v1", Kind = "Backup", PluralName = "backups")]
public sealed class Backup : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    public V1ObjectMeta Metadata { get; set; }

    public BackupSpec Spec { get; set; } = new();
}

public sealed class BackupSpec
{
    public int? Keep { get; set; }
}

public sealed class BackupStatus
{
    public IList<V1Condition> Conditions { get; set; } = [];
}

[KubernetesEntity(Group = "stable.example.com", ApiVersion = "v1", Kind = "CronTab", PluralName = "crontabs")]
public sealed class CronTab : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    public V1ObjectMeta Metadata { get; set; }

    public CronTabSpec Spec { get; set; } = new();
}

public sealed class CronTabSpec
{
    public string Schedule { get; set; }

    public int? Replicas { get; set; }
}

public class CronTabRules : IValidatingWebhook<CronTab>
{
    public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation) => Task.FromResult(AdmissionResponse.Allow());
}

public sealed class ScheduleRules(IKubernetesClient client) : CronTabRules
{
    public IKubernetesClient Client => client;
}

public sealed class Target
{
    public string Name { get; set; }
}

public static class Schedule
{
    public static string Write(DateTimeOffset time) => KubeTime.Format(time);
}

public class AtReconciler : IReconciler<At>
{
    public Task<ReconcileResult> ReconcileAsync(ReconcileContext<At> context, CancellationToken cancellation) => Task.FromResult(ReconcileResult.Done);
}

public class Greeter : IReconciler<V1ConfigMap>
{
    public Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation) => Task.FromResult(ReconcileResult.Done);
}

public class MapReconciler : IReconciler<V1ConfigMap>
{
    public Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation) => Task.FromResult(ReconcileResult.Done);
}
