// What an object has, in the namespace where KubernetesClient has it since its version 18.
#nullable disable
namespace k8s.Models;

/// <summary>Something that has metadata.</summary>
/// <typeparam name="T">The type of the metadata.</typeparam>
public interface IMetadata<T>
{
    /// <summary>The metadata; null where the object has none.</summary>
    T Metadata { get; set; }
}

/// <summary>An object that says what is wanted.</summary>
/// <typeparam name="T">The type of the specification.</typeparam>
public interface ISpec<T>
{
    /// <summary>What is wanted; null where the object says nothing.</summary>
    T Spec { get; set; }
}

/// <summary>An object that says what has been seen.</summary>
/// <typeparam name="T">The type of the status.</typeparam>
public interface IStatus<T>
{
    /// <summary>What a controller has seen; null until one has reported.</summary>
    T Status { get; set; }
}

/// <summary>A list of objects.</summary>
/// <typeparam name="T">The type of the objects.</typeparam>
public interface IItems<T>
{
    /// <summary>The objects, in the server's order.</summary>
    IList<T> Items { get; set; }
}
