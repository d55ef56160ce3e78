using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary>
/// <c>/metrics</c>: what people look at of a kube-apiserver, under its names and labels, in Prometheus' text format. What only a server in Go or one with an etcd has is not told.
/// </summary>
internal sealed class MetricsHandler(ResourceTable table, RequestMetrics requests)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    public Task AnswerAsync(Exchange exchange) => exchange.Answer(200, Encoding.UTF8.GetBytes(Text()), ContentType);

    private string Text()
    {
        var text = new StringBuilder(8192);
        Begin(text, "apiserver_current_inflight_requests", "gauge", "Requests under way, long-running ones left out.");
        Line(text, "apiserver_current_inflight_requests", "{request_kind=\"mutating\"}", requests.Mutating);
        Line(text, "apiserver_current_inflight_requests", "{request_kind=\"readOnly\"}", requests.Reading);

        Begin(text, "apiserver_longrunning_requests", "gauge", "Watches and sessions under way.");
        foreach (var (series, number) in requests.Lasting.OrderBy(l => Labels(l.Series, dryRun: false), StringComparer.Ordinal))
        {
            Line(text, "apiserver_longrunning_requests", $"{{{Labels(series, dryRun: false)}}}", number);
        }

        Begin(text, "apiserver_request_duration_seconds", "histogram", "How long requests took.");
        foreach (var (series, durations) in requests.Took.OrderBy(t => Labels(t.Series, dryRun: true), StringComparer.Ordinal))
        {
            var labels = Labels(series, dryRun: true);
            var (counts, total) = (durations.Counts, 0L);
            for (var i = 0; i < counts.Length; i++)
            {
                total += counts[i];
                var bound = i < RequestMetrics.Durations.Bounds.Length ? Number(RequestMetrics.Durations.Bounds[i]) : "+Inf";
                Line(text, "apiserver_request_duration_seconds_bucket", $"{{{labels},le=\"{bound}\"}}", total);
            }
            Line(text, "apiserver_request_duration_seconds_sum", $"{{{labels}}}", durations.Sum);
            Line(text, "apiserver_request_duration_seconds_count", $"{{{labels}}}", total);
        }

        Begin(text, "apiserver_request_total", "counter", "Requests by their answer's code.");
        foreach (var (series, code, number) in requests.Answers.OrderBy(a => a.Code).ThenBy(a => Labels(a.Series, dryRun: true), StringComparer.Ordinal))
        {
            Line(text, "apiserver_request_total", $"{{code=\"{code.ToString(CultureInfo.InvariantCulture)}\",{Labels(series, dryRun: true)}}}", number);
        }

        Begin(text, "apiserver_storage_objects", "gauge", "Objects stored, by resource.");
        foreach (var row in table.Current.Rows.Where(r => r.Has("list") && r.Has("create")).DistinctBy(r => r.Store).OrderBy(r => Qualified(r), StringComparer.Ordinal))
        {
            Line(text, "apiserver_storage_objects", $"{{resource=\"{Qualified(row)}\"}}", row.Store.Current.Count);
        }

        Begin(text, "kubernetes_build_info", "gauge", "Which server this is.");
        Line(text, "kubernetes_build_info", $"{{git_version=\"{ServerVersion.GitVersion}\",major=\"1\",minor=\"32\",platform=\"dotnet/any\"}}", 1);
        Process(text);
        return text.ToString();
    }

    private static string Qualified(ApiResource row) => row.Group.Length == 0 ? row.Plural : $"{row.Plural}.{row.Group}";

    private static void Process(StringBuilder text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Single(text, "process_cpu_seconds_total", "counter", "Processor time that the process took, in seconds.", process.TotalProcessorTime.TotalSeconds);
        if (Directory.Exists("/proc/self/fd"))
        {
            Single(text, "process_open_fds", "gauge", "Open file descriptors.", Directory.GetFileSystemEntries("/proc/self/fd").Length);
        }
        Single(text, "process_resident_memory_bytes", "gauge", "Resident memory, in bytes.", process.WorkingSet64);
        Single(text, "process_start_time_seconds", "gauge", "When the process began, in seconds of Unix time.", new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0);
        Single(text, "process_virtual_memory_bytes", "gauge", "Virtual memory, in bytes.", process.VirtualMemorySize64);
    }

    private static void Begin(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Single(StringBuilder text, string name, string type, string help, double value)
    {
        Begin(text, name, type, help);
        Line(text, name, "", value);
    }

    private static void Line(StringBuilder text, string name, string labels, double value) => text.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>In the order of their names. Long-running requests have no dry runs. None of the values can hold a quotation mark.</summary>
    private static string Labels(RequestSeries s, bool dryRun) =>
        $"component=\"{s.Component}\",{(dryRun ? $"dry_run=\"{s.DryRun}\"," : "")}group=\"{s.Group}\",resource=\"{s.Resource}\",scope=\"{s.Scope}\",subresource=\"{s.Subresource}\",verb=\"{s.Verb}\",version=\"{s.Version}\"";
}
