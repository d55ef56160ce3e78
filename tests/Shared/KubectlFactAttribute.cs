// Compiled into each test project that drives the real kubectl.
namespace Xunit;

/// <summary>A test that needs kubectl: skipped, with a reason that says what to do, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")));
        if (!found)
        {
            Skip = "KUBECTL IS MISSING: this test drives the real kubectl and says nothing without it. Install it (Debian: apt-get install kubernetes-client); .ci/run does.";
        }
    }
}
