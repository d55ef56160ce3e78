using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tool.Tests;

/// <summary>Generated code as its users have it: in an assembly of their own.</summary>
internal static class Compiled
{
    /// <summary>Compiles and loads; descriptions are read from the file that the compiler puts beside the assembly.</summary>
    public static Assembly Of(TemporaryFolder folder, IEnumerable<string> sources)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var parsing = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse);
        var compilation = CSharpCompilation.Create(
            "random", sources.Select(source => CSharpSyntaxTree.ParseText(source, parsing)), platform, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var path = folder.Path("random.dll");
        using (var docs = File.Create(folder.Path("random.xml")))
        using (var assembly = File.Create(path))
        {
            var result = compilation.Emit(assembly, xmlDocumentationStream: docs);
            Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(10)));
        }
        return new AssemblyLoadContext("random").LoadFromAssemblyPath(path);
    }
}
