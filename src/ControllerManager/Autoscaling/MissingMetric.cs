using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>How a cluster without metrics says that one is missing.</summary>
/// <param name="Reason">The reason of condition and Event.</param>
/// <param name="Message">Their message.</param>
/// <param name="What">What could not be got, in the sum of all.</param>
/// <param name="Inner">Why, in the sum of all.</param>
internal sealed record MissingMetric(string Reason, string Message, string What, string Inner)
{
    private const string NoResourceApi = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
    private const string NoCustomApi = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

    public static MissingMetric Of(V2MetricSpec metric, string @namespace)
    {
        switch (metric.Type)
        {
            case "Resource":
                return Simple("FailedGetResourceMetric", $"{metric.Resource.Name} resource", Usage(metric.Resource.Name, metric.Resource.Target));
            case "ContainerResource":
                return Simple("FailedGetContainerResourceMetric", $"{metric.ContainerResource.Container} container", Usage(metric.ContainerResource.Name, metric.ContainerResource.Target));
            case "Pods":
                return Simple("FailedGetPodsMetric", "pods", $"unable to get metric {metric.Pods.Metric.Name}: {NoCustomApi}");
            case "Object":
                var about = metric.ObjectProperty.DescribedObject;
                return Simple("FailedGetObjectMetric", "object", $"unable to get metric {metric.ObjectProperty.Metric.Name}: {about.Kind} on {@namespace} {about.Name}/{NoCustomApi}");
            default:
                var name = metric.External.Metric.Name;
                var message = $"unable to get external metric {@namespace}/{name}/{GoText.Of(metric.External.Metric.Selector)}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {name}.external.metrics.k8s.io)";
                return new("FailedGetExternalMetric", message, $"failed to get {name} external metric value", $"failed to get {(metric.External.Target.AverageValue is null ? $"external metric {name}" : $"{name} external metric")}: {message}");
        }
    }

    private static MissingMetric Simple(string reason, string what, string message) => new(reason, message, $"failed to get {what} metric value", message);

    private static string Usage(string resource, V2MetricTarget target) =>
        $"failed to get {resource} {(target.AverageUtilization is null ? "usage" : "utilization")}: unable to get metrics for resource {resource}: {NoResourceApi}";
}
