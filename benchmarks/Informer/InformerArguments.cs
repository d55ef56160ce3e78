namespace Informer;

/// <summary>What is measured, against what.</summary>
internal sealed record InformerArguments(Uri Server, string Mode, bool Protobuf, bool Reconcile)
{
    /// <returns>Null where the arguments are not understood.</returns>
    public static InformerArguments? Parse(string[] args)
    {
        Uri? server = null;
        var (mode, protobuf, reconcile) = ("typed", false, false);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--server" when i + 1 < args.Length && Uri.TryCreate(args[i + 1], UriKind.Absolute, out server):
                    i++;
                    break;
                case "--mode" when i + 1 < args.Length && args[i + 1] is "typed" or "dynamic" or "metadata" or "bare":
                    mode = args[++i];
                    break;
                case "--protobuf":
                    protobuf = true;
                    break;
                case "--reconcile":
                    reconcile = true;
                    break;
                default:
                    return null;
            }
        }
        return server is null ? null : new InformerArguments(server, mode, protobuf, reconcile);
    }
}
