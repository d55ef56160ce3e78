namespace ActorKube.ApiServer;

/// <summary>Conversions of constants, which are done once when an expression is made ready: one that cannot be done refuses the expression.</summary>
internal static class CelConstants
{
    private static readonly string[] Conversions = ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];

    /// <summary>What goes wrong with the first conversion of a constant that does; null where none does.</summary>
    public static string? Problem(CelNode? node)
    {
        switch (node)
        {
            case null:
                return null;
            case CelCall { Target: null, Arguments: [CelLiteral literal] } call when Array.IndexOf(Conversions, call.Function) >= 0:
                try
                {
                    CelFunctions.Call(false, null, call.Function, [literal.Value]);
                    return null;
                }
                catch (CelException wrong)
                {
                    return wrong.Message;
                }
            case CelCall call:
                return Problem(call.Target) ?? First(call.Arguments);
            case CelSelect select:
                return Problem(select.Operand);
            case CelIndex index:
                return Problem(index.Operand) ?? Problem(index.Key);
            case CelUnary unary:
                return Problem(unary.Operand);
            case CelBinary binary:
                return Problem(binary.Left) ?? Problem(binary.Right);
            case CelConditional conditional:
                return Problem(conditional.Condition) ?? Problem(conditional.Then) ?? Problem(conditional.Else);
            case CelList list:
                return First(list.Items.Select(i => i.Value));
            case CelMap map:
                return First(map.Entries.SelectMany(e => (CelNode[])[e.Key, e.Value]));
            case CelComprehension macro:
                return Problem(macro.Range) ?? Problem(macro.Filter) ?? Problem(macro.Body);
            case CelOptionalMap map:
                return Problem(map.Target) ?? Problem(map.Body);
            default:
                return null;
        }
    }

    private static string? First(IEnumerable<CelNode> nodes) => nodes.Select(Problem).FirstOrDefault(p => p is not null);
}
