using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tool.Tests.Examples;

/// <summary>The C# of the documentation compiles, so that it cannot rot.</summary>
public class ExampleTests
{
    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest, DocumentationMode.None);

    private static readonly Lazy<CSharpCompilation> Around = new(() => CSharpCompilation.Create(
        "example",
        [CSharpSyntaxTree.ParseText(ExampleNames.Usings, Parsing)],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Annotations)));

    public static TheoryData<string> Documents => [.. Directory.GetFiles(Repository.Path("docs"), "*.md").Append(Repository.Path("README.md")).Concat(PackageReadmes).Where(path => CSharpExample.OfMarkdown(path).Any()).Select(path => Path.GetRelativePath(Repository.Path(), path)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> PackageReadmes => Directory.GetDirectories(Repository.Path("src")).Select(room => Path.Combine(room, "README.md")).Where(File.Exists);

    [Theory, MemberData(nameof(Documents))]
    public void Examples_in_a_document_compile(string document) => Compile(CSharpExample.OfMarkdown(Repository.Path(document)));

    [Theory]
    [InlineData("Models", 80)]
    [InlineData("Transport", 5)]
    [InlineData("Actors", 1)]
    [InlineData("Hosting", 1)]
    [InlineData("Testing", 1)]
    [InlineData("LocalCluster", 1)]
    [InlineData("CommandLine", 1)]
    public void Examples_in_the_comments_of_a_room_compile(string room, int expected)
    {
        var sources = Directory.EnumerateFiles(Repository.Path("src", room), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}") && !path.Contains($"{Path.DirectorySeparatorChar}Generated{Path.DirectorySeparatorChar}"));

        var examples = sources.Order(StringComparer.Ordinal).SelectMany(CSharpExample.OfComments).ToList();

        Assert.True(examples.Count >= expected, $"only {examples.Count} examples were found");
        Compile(examples);
    }

    [Fact]
    public void An_example_that_does_not_compile_is_told_with_its_place()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("a.md"), "Text.\n\n```csharp\nvar pod = KubeJson.Read<V1Pod>(bytes);\n```\n");

        var told = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compile(CSharpExample.OfMarkdown(folder.Path("a.md"))));

        Assert.Contains("a.md:3", told.Message);
        Assert.Contains("'Read'", told.Message);
    }

    private static void Compile(IEnumerable<CSharpExample> examples)
    {
        var wrong = examples.Select(example => (example.Place, Problem: Problem(example))).Where(result => result.Problem is not null).Select(result => $"{result.Place}: {result.Problem}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // The first form that compiles will do; else the errors of the first that can be parsed are told, for they say more than those of what cannot.
    private static string? Problem(CSharpExample example)
    {
        var (unreadable, wrong) = ((string?)null, (string?)null);
        foreach (var form in example.Forms())
        {
            var tree = CSharpSyntaxTree.ParseText(form, Parsing);
            if (tree.GetDiagnostics().Any(IsError))
            {
                unreadable ??= Said(tree.GetDiagnostics());
                continue;
            }
            var compilation = Around.Value.AddSyntaxTrees(tree);
            if (!tree.GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax)) compilation = compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.DynamicallyLinkedLibrary));
            var diagnostics = compilation.GetDiagnostics();
            if (!diagnostics.Any(IsError)) return null;
            wrong ??= Said(diagnostics);
        }
        return wrong ?? unreadable;
    }

    private static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;

    private static string Said(IEnumerable<Diagnostic> diagnostics) => string.Join("; ", diagnostics.Where(IsError).Take(3).Select(error => error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)));
}
