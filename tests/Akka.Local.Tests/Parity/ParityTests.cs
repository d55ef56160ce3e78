using System.Reflection;
using Akka.Actor;
using Xunit;

namespace Akka.Local.Tests.Parity;

/// <summary>
/// Holds the in-tree runtime to the official public API. What the official packages have and we do not is left out on purpose;
/// what we have and they do not would stop compiling, or mean something else, in a build on the official packages.
/// </summary>
public sealed class ParityTests
{
    private static readonly SortedSet<string> Official = ReadOfficial();

    [Fact]
    public void The_runtime_has_no_public_API_that_the_official_packages_lack() => AssertWithinOfficial(typeof(ActorSystem).Assembly);

    [Fact]
    public void The_testkit_has_no_public_API_that_the_official_packages_lack() =>
        AssertWithinOfficial(Assembly.Load("ActorKube.Akka.Local.TestKit"));

    [Fact]
    public void The_lists_are_compared_with_the_very_lines_that_reflection_gives()
    {
        // The format itself: one line of each shape, as the official list has it.
        Assert.Subset(Official, PublicApi.Of(typeof(IActorRefFactory)).ToHashSet());
        Assert.Contains("Akka.Actor.IActorRefFactory | public abstract method | Akka.Actor.IActorRef ActorOf(Akka.Actor.Props, System.String) | props, name = null", PublicApi.Of(typeof(IActorRefFactory)));
        Assert.Contains("Akka.Actor.Directive | enum | System.Enum", PublicApi.Of(typeof(Directive)));
        Assert.Contains("Akka.Actor.ActorBase | protected static property | Akka.Actor.IActorContext Context", PublicApi.Of(typeof(ActorBase)));
    }

    [Fact]
    public void A_member_that_the_official_list_lacks_is_named()
    {
        var foreign = PublicApi.Of(typeof(ParityTests)).Except(Official).ToList();
        Assert.Contains(foreign, line => line.Contains(nameof(A_member_that_the_official_list_lacks_is_named)));
    }

    private static void AssertWithinOfficial(Assembly assembly)
    {
        var foreign = PublicApi.Of(assembly).Except(Official).ToList();
        Assert.True(foreign.Count == 0,
            $"{foreign.Count} lines of {assembly.GetName().Name} are not in the official API:\n{string.Join("\n", foreign)}");
    }

    private static SortedSet<string> ReadOfficial()
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "akka-api"), "*.txt"))
            lines.UnionWith(File.ReadLines(file));
        return lines;
    }
}
