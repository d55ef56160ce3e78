using System.Globalization;
using System.Reflection;

namespace Akka.Local.Tests.Parity;

/// <summary>An assembly's public and protected API as lines, in the format that akka-api/README.md describes.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static SortedSet<string> Of(Assembly assembly)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in assembly.GetTypes().Where(IsVisible))
            lines.UnionWith(Of(type));
        return lines;
    }

    public static IEnumerable<string> Of(Type type)
    {
        var baseType = type.BaseType is null || type.BaseType == typeof(object) ? "-" : type.BaseType.ToString();
        yield return $"{type} | {Kind(type)} | {baseType}";
        foreach (var member in type.GetMembers(Declared))
        {
            if (!member.Name.Contains('<') && Modifiers(member) is { } modifiers)
                yield return $"{type} | {modifiers} {member.MemberType.ToString().ToLowerInvariant()} | {member}{Parameters(member)}";
        }
    }

    private static bool IsVisible(Type type) =>
        !type.Name.Contains('<')
        && (type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)));

    private static string Kind(Type type) =>
        type.IsInterface ? "interface"
        : type.IsEnum ? "enum"
        : type.IsValueType ? "struct"
        : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string? Modifiers(MemberInfo member) => member switch
    {
        MethodBase method => Modifiers(method),
        FieldInfo field => Access(field.IsPublic, field.IsFamily || field.IsFamilyOrAssembly) is { } access ? access + (field.IsStatic ? " static" : "") : null,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Select(Modifiers).FirstOrDefault(m => m is not null),
        EventInfo @event => @event.AddMethod is { } add ? Modifiers(add) : null,
        _ => null,
    };

    private static string? Modifiers(MethodBase method) =>
        Access(method.IsPublic, method.IsFamily || method.IsFamilyOrAssembly) is { } access
            ? access + (method.IsStatic ? " static" : "") + (method.IsAbstract ? " abstract" : method is { IsVirtual: true, IsFinal: false } ? " virtual" : "")
            : null;

    private static string? Access(bool isPublic, bool isProtected) => isPublic ? "public" : isProtected ? "protected" : null;

    private static string Parameters(MemberInfo member)
    {
        var parameters = member switch
        {
            MethodBase method => method.GetParameters(),
            PropertyInfo property => property.GetIndexParameters(),
            _ => [],
        };
        return parameters.Length == 0 ? "" : " | " + string.Join(", ", parameters.Select(Describe));
    }

    private static string Describe(ParameterInfo parameter) =>
        (parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "") + parameter.Name
        + (parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue) : "");

    private static string Value(object? value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
