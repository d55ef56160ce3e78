using System.Diagnostics.CodeAnalysis;

namespace ActorKube.Models;

/// <summary>
/// What an API server asks the webhook about that the class is, where that is more or less than the creation and change of its kind's objects.
/// On classes that implement <see cref="IValidatingWebhook{T}"/> or <see cref="IMutatingWebhook{T}"/>.
/// </summary>
/// <example><code>[AdmissionWebhook(Operations = AdmissionOperations.Create | AdmissionOperations.Delete, FailurePolicy = WebhookFailurePolicy.Ignore)]</code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AdmissionWebhookAttribute : Attribute
{
    /// <summary>The webhook's name, with at least two dots; null for one made of the kind, see <see cref="AdmissionWebhookSpec"/>.</summary>
    public string? Name { get; init; }

    /// <summary>The path that it is asked at; null for one made of the kind.</summary>
    public string? Path { get; init; }

    /// <summary>What is asked about.</summary>
    public AdmissionOperations Operations { get; init; } = AdmissionOperations.Create | AdmissionOperations.Update;

    /// <summary>The resources that are asked about, such as <c>crontabs/status</c>; none for the kind's own.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>The group of <see cref="Resources"/>, where it is not the kind's: a <c>Scale</c> belongs to another group than what it scales.</summary>
    public string? ResourceGroup { get; init; }

    /// <summary>The versions of <see cref="Resources"/>; none for the kind's own.</summary>
    public string[] ResourceVersions { get; init; } = [];

    /// <summary>What happens when it cannot be asked.</summary>
    public WebhookFailurePolicy FailurePolicy { get; init; }

    /// <summary>What it does beside answering.</summary>
    public WebhookSideEffects SideEffects { get; init; }

    /// <summary>How the rules are read.</summary>
    public WebhookMatchPolicy MatchPolicy { get; init; }

    /// <summary>Whether it sees objects again (mutating ones).</summary>
    public WebhookReinvocationPolicy ReinvocationPolicy { get; init; }

    /// <summary>For how many seconds the server waits, 1 to 30; 0 for the server's own choice, which is 10.</summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>Only about objects in namespaces with such labels, such as <c>tier in (front,back)</c>; null for all.</summary>
    public string? NamespaceSelector { get; init; }

    /// <summary>Only about objects with such labels; null for all.</summary>
    public string? ObjectSelector { get; init; }
}

/// <summary>A condition in CEL that a request meets, or the webhook is not asked about it. All of several must be met.</summary>
/// <param name="name">A name for the condition, such as <c>not-the-garbage-collector</c>.</param>
/// <param name="expression">The condition, such as <c>request.userInfo.username != 'system:serviceaccount:kube-system:generic-garbage-collector'</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class MatchConditionAttribute(string name, [StringSyntax("cel")] string expression) : Attribute
{
    /// <summary>The condition's name.</summary>
    public string Name { get; } = name;

    /// <summary>The condition.</summary>
    public string Expression { get; } = expression;
}
