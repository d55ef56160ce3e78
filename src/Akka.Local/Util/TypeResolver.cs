#nullable disable
namespace Akka.Util;

/// <summary>
/// Finds the types that settings name. Names may carry an official assembly (<c>Akka.Event.DefaultLogger, Akka</c>),
/// which here is another one.
/// </summary>
internal static class TypeResolver
{
    public static Type Find(string typeName)
    {
        if (string.IsNullOrWhiteSpace(typeName))
            return null;
        var exact = Type.GetType(typeName, throwOnError: false);
        if (exact is not null)
            return exact;
        var comma = typeName.IndexOf(',');
        var name = (comma < 0 ? typeName : typeName[..comma]).Trim();
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetType(name, throwOnError: false) is { } found)
                return found;
        }

        return null;
    }
}
