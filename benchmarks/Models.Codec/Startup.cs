using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using ActorKube.Models;
using k8s.Models;

namespace Models.Codec;

/// <summary>What the assembly costs a program that starts: processor time of processes that use more and more of it, less that of one that uses nothing.</summary>
internal static class Startup
{
    private static readonly string[] Kinds = ["nothing", "load", "raw", "client", "pod", "scheme"];

    public static int Run(int processes)
    {
        var times = Kinds.ToDictionary(kind => kind, _ => new List<double[]>());
        // Turn by turn, so that what disturbs the machine disturbs all of them.
        for (var turn = 0; turn < processes; turn++)
        {
            foreach (var kind in Kinds) times[kind].Add(Processor(kind));
        }
        Console.WriteLine($"{"",-64}{"ms of processor time",22}{"above nothing",16}{"methods compiled",18}{"ms compiling",14}");
        foreach (var kind in Kinds)
        {
            Console.WriteLine($"{Describe(kind),-64}{Of(kind, 0),22:F1}{Median(times[kind].Zip(times["nothing"], (own, nothing) => own[0] - nothing[0])),16:F1}{Of(kind, 1),18:F0}{Of(kind, 2),14:F1}");
        }
        return 0;

        double Of(string kind, int figure) => Median(times[kind].Select(time => time[figure]));
    }

    /// <summary>Does one thing, and says how much processor time the process has had since it was started, the runtime's own start included.</summary>
    public static int Child(string what)
    {
        var code = Do(what);
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.CpuUsage.TotalTime.TotalMilliseconds} {JitInfo.GetCompiledMethodCount()} {JitInfo.GetCompilationTime().TotalMilliseconds}"));
        return code;
    }

    private static int Do(string what)
    {
        var json = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]}}"u8;
        switch (what)
        {
            case "load":
                return new GroupVersionKind("", "v1", "Pod").Kind.Length > 0 ? 0 : 1;
            case "raw":
                return KubeObject.Parse(json).Name == "a" ? 0 : 1;
            case "client":
                return ResourceDefinition.For<V1Pod>().Namespaced ? 0 : 1;
            case "pod":
                return KubeObject.Parse(json).As<V1Pod>().Metadata.Name == "a" ? 0 : 1;
            case "scheme":
                return Scheme.BuiltIn.Decode(KubeObject.Parse(json)) is V1Pod ? 0 : 1;
            default:
                return 0;
        }
    }

    private static string Describe(string kind) => kind switch
    {
        "nothing" => "a program that does nothing",
        "load" => "… loads the assembly",
        "raw" => "… takes over a received object",
        "client" => "… asks what a class is to a server",
        "pod" => "… decodes a pod",
        _ => "… decodes a pod through the scheme of all built-in kinds",
    };

    private static double[] Processor(string what)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", what]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? [.. said.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"The child '{what}' ended with {process.ExitCode}.");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
