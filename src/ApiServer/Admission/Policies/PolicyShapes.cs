namespace ActorKube.ApiServer;

/// <summary>The types of what CEL expressions of admission see, as Kubernetes declares them.</summary>
internal static class PolicyShapes
{
    private static readonly CelShape Texts = CelShape.ListOf(CelShape.Text);
    private static readonly CelShape TextMap = CelShape.MapOf(CelShape.Text, CelShape.Text);

    private static readonly CelShape Kind = CelShape.Struct("kubernetes.GroupVersionKind", new Dictionary<string, CelShape> { ["group"] = CelShape.Text, ["version"] = CelShape.Text, ["kind"] = CelShape.Text });

    private static readonly CelShape Resource = CelShape.Struct("kubernetes.GroupVersionResource", new Dictionary<string, CelShape> { ["group"] = CelShape.Text, ["version"] = CelShape.Text, ["resource"] = CelShape.Text });

    private static readonly CelShape User = CelShape.Struct("kubernetes.UserInfo", new Dictionary<string, CelShape>
    {
        ["username"] = CelShape.Text, ["uid"] = CelShape.Text, ["groups"] = Texts, ["extra"] = CelShape.MapOf(CelShape.Text, Texts),
    });

    private static readonly CelShape Request = CelShape.Struct("kubernetes.AdmissionRequest", new Dictionary<string, CelShape>
    {
        ["kind"] = Kind, ["resource"] = Resource, ["subResource"] = CelShape.Text, ["requestKind"] = Kind, ["requestResource"] = Resource, ["requestSubResource"] = CelShape.Text,
        ["name"] = CelShape.Text, ["namespace"] = CelShape.Text, ["operation"] = CelShape.Text, ["userInfo"] = User, ["dryRun"] = CelShape.Bool, ["options"] = CelShape.Dyn,
    });

    private static readonly CelShape Namespace = CelShape.Struct("kubernetes.Namespace", new Dictionary<string, CelShape>
    {
        ["metadata"] = CelShape.Struct("kubernetes.NamespaceMetadata", new Dictionary<string, CelShape>
        {
            ["name"] = CelShape.Text, ["generateName"] = CelShape.Text, ["namespace"] = CelShape.Text, ["labels"] = TextMap, ["annotations"] = TextMap, ["UID"] = CelShape.Text,
            ["creationTimestamp"] = CelShape.Timestamp, ["deletionGracePeriodSeconds"] = CelShape.Int, ["deletionTimestamp"] = CelShape.Timestamp, ["generation"] = CelShape.Int,
            ["resourceVersion"] = CelShape.Text, ["finalizers"] = Texts,
        }),
        ["spec"] = CelShape.Struct("kubernetes.NamespaceSpec", new Dictionary<string, CelShape> { ["finalizers"] = Texts }),
        ["status"] = CelShape.Struct("kubernetes.NamespaceStatus", new Dictionary<string, CelShape>
        {
            ["conditions"] = CelShape.ListOf(CelShape.Struct("kubernetes.NamespaceCondition", new Dictionary<string, CelShape>
            {
                ["status"] = CelShape.Text, ["type"] = CelShape.Text, ["lastTransitionTime"] = CelShape.Timestamp, ["message"] = CelShape.Text, ["reason"] = CelShape.Text,
            })),
            ["phase"] = CelShape.Text,
        }),
    });

    /// <summary>What an expression sees where nothing is known of the objects.</summary>
    public static CelEnvironment Environment(bool hasParams, bool hasAuthorizer, bool isStored)
    {
        var variables = Known(CelShape.Dyn);
        if (hasParams)
        {
            variables["params"] = CelShape.Dyn;
        }
        if (hasAuthorizer)
        {
            variables["authorizer"] = CelLibrary.NamedType("kubernetes.authorization.Authorizer");
            variables["authorizer.requestResource"] = CelLibrary.NamedType("kubernetes.authorization.ResourceCheck");
        }
        return new CelEnvironment(variables, isStored);
    }

    /// <summary>What an expression sees of objects of one kind, when it is looked at whether it fits them.</summary>
    public static CelEnvironment Typed(CelShape of, CelShape? parameters)
    {
        var variables = Known(of);
        if (parameters is not null)
        {
            variables["params"] = parameters;
        }
        variables["authorizer"] = CelLibrary.NamedType("kubernetes.authorization.Authorizer");
        return new CelEnvironment(variables, IsStored: true);
    }

    /// <summary>The same with variables, each of which sees those before it.</summary>
    public static CelEnvironment WithVariables(CelEnvironment environment, IReadOnlyDictionary<string, CelShape> variables) =>
        environment.With("variables", CelShape.Struct("kubernetes.variables", variables.GetValueOrDefault));

    /// <summary>What a variable is to those that use it: named types are not known there any more.</summary>
    public static CelShape AsVariable(CelShape shape) => shape.Kind switch
    {
        CelKind.Opaque or CelKind.Null or CelKind.Type or CelKind.Error or CelKind.Struct => CelShape.Dyn,
        CelKind.List or CelKind.Map => shape.With(Array.ConvertAll(shape.Of, AsVariable)),
        _ => shape,
    };

    private static Dictionary<string, CelShape> Known(CelShape of) => new(StringComparer.Ordinal)
    {
        ["object"] = of, ["oldObject"] = of, ["request"] = Request, ["namespaceObject"] = Namespace,
    };
}
