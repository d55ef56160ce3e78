using ActorKube.Actors;
using k8s;
using k8s.Models;

namespace ActorKube.Hosting;

/// <summary>A controller that will start with the host.</summary>
/// <param name="Configure">Takes over what configuration says of it.</param>
/// <param name="Build">Makes it; its reconciler gets from the container what it asks for.</param>
sealed record DeclaredController(Action<RuntimeConfiguration> Configure, Func<IServiceProvider, ControllerSpec> Build)
{
    /// <summary>It is only configured with the others; who declared it builds and starts it.</summary>
    public bool IsBuiltElsewhere { get; init; }

    /// <summary>Of a builder that has been told all that the program says.</summary>
    public static DeclaredController Of<T>(ControllerBuilder<T> controller)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(configuration => controller.With(options => configuration.Controller(controller.Name, options)), services => controller.Build(services));
}
