namespace ActorKube.Models;

/// <summary>Says of objects of a class whether they may be made, changed or deleted. One instance serves all requests, at once.</summary>
/// <typeparam name="T">The class of the objects: a generated one, one's own, or <see cref="Unstructured"/>.</typeparam>
/// <example><code>
/// sealed class CronTabRules : IValidatingWebhook&lt;CronTab&gt;
/// {
///     public Task&lt;AdmissionResponse&gt; ValidateAsync(AdmissionRequest&lt;CronTab&gt; request, CancellationToken cancellation) => Task.FromResult(
///         request.Object?.Spec.Replicas > 10 ? AdmissionResponse.Deny("no more than ten replicas") : AdmissionResponse.Allow());
/// }
/// </code></example>
public interface IValidatingWebhook<T> where T : class
{
    /// <summary>Decides.</summary>
    /// <param name="request">Who wants to do what to which object; what is changed in its objects is lost.</param>
    /// <param name="cancellation">The server waits no longer.</param>
    /// <returns>
    /// The answer. What is thrown becomes one, too: a <see cref="KubernetesException"/> its own status, a <see cref="KubeFormatException"/> a 400, anything else a 500; see
    /// <see cref="AdmissionReviews.DecideAsync"/>.
    /// </returns>
    Task<AdmissionResponse> ValidateAsync(AdmissionRequest<T> request, CancellationToken cancellation);
}

/// <summary>Changes objects of a class before they are stored: fills in what they leave out, for example. One instance serves all requests, at once.</summary>
/// <typeparam name="T">The class of the objects: a generated one, one's own, or <see cref="Unstructured"/>.</typeparam>
/// <remarks>It may be asked about the same object again, when other webhooks changed it: what it does to an object that has it already must change nothing.</remarks>
public interface IMutatingWebhook<T> where T : class
{
    /// <summary>Changes <see cref="AdmissionRequest{T}.Object"/>, which is null for deletions, or refuses.</summary>
    /// <inheritdoc cref="IValidatingWebhook{T}.ValidateAsync"/>
    /// <param name="request">Who wants to do what to which object.</param>
    /// <param name="cancellation">The server waits no longer.</param>
    Task<AdmissionResponse> MutateAsync(AdmissionRequest<T> request, CancellationToken cancellation);
}

/// <summary>Answers requests as they come, whatever they are about. One instance serves all requests, at once.</summary>
public interface IAdmissionHandler
{
    /// <inheritdoc cref="IValidatingWebhook{T}.ValidateAsync"/>
    /// <param name="request">Who wants to do what to which object.</param>
    /// <param name="cancellation">The server waits no longer.</param>
    Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellation);
}

/// <summary>Handlers of typed requests as handlers of raw ones. All are thread-safe where what they are made of is.</summary>
public static class AdmissionHandlers
{
    /// <summary>A webhook that validates.</summary>
    public static IAdmissionHandler Of<T>(IValidatingWebhook<T> webhook) where T : class => new ValidatingHandler<T>(webhook);

    /// <summary>A webhook that changes: its patch is made on the object as it came, so that fields which <typeparamref name="T"/> does not know stay.</summary>
    public static IAdmissionHandler Of<T>(IMutatingWebhook<T> webhook) where T : class => new MutatingHandler<T>(webhook);

    /// <summary>A webhook that fills in what objects leave out. It is not asked about deletions and connections.</summary>
    /// <param name="fill">Fills in.</param>
    public static IAdmissionHandler Defaults<T>(Action<T> fill) where T : class
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new MutatingHandler<T>(new Filler<T>(fill));
    }

    /// <summary>A webhook that fills in what a scheme's defaults for the class say.</summary>
    public static IAdmissionHandler Defaults<T>(Scheme scheme) where T : class
    {
        ArgumentNullException.ThrowIfNull(scheme);
        return Defaults<T>(value => scheme.Default(value));
    }

    private sealed class Filler<T>(Action<T> fill) : IMutatingWebhook<T> where T : class
    {
        public Task<AdmissionResponse> MutateAsync(AdmissionRequest<T> request, CancellationToken cancellation)
        {
            if (request.Operation is AdmissionOperations.Create or AdmissionOperations.Update && request.Object is { } value) fill(value);
            return Task.FromResult(AdmissionResponse.Allow());
        }
    }
}
