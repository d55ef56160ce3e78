namespace Akka.Annotations;

/// <summary>Marks what only the runtime itself should use, although it is public.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class InternalApiAttribute : Attribute;

/// <summary>Marks what may still change between releases.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class ApiMayChangeAttribute : Attribute;

/// <summary>Marks a type that users should not derive from.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface)]
public sealed class DoNotInheritAttribute : Attribute;
