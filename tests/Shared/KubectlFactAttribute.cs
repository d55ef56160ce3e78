// Compiled into each test project that drives the real kubectl.
namespace Xunit;

/// <summary>A test that needs kubectl: skipped, with a reason that says what to do, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute()
    {
        // One that is named and missing is an error of the tests that use it, not a reason to pass over them.
        if (Kubectl.Program is null)
        {
            Skip = "KUBECTL IS MISSING: this test drives the real kubectl and says nothing without it. Install it (Debian: apt-get install kubernetes-client); .ci/run does.";
        }
    }
}
