#nullable disable
using System.Linq.Expressions;
using System.Reflection;

namespace Akka.Util.Reflection;

/// <summary>Reads expressions.</summary>
public static class ExpressionExtensions
{
    /// <summary>The values of a constructor call's arguments.</summary>
    public static object[] GetArguments(this NewExpression newExpression) => newExpression.Arguments.Select(ValueOf).ToArray();

    /// <summary>Constants and captured variables are read; only what is more than that costs a compilation.</summary>
    private static object ValueOf(Expression expression)
    {
        switch (expression)
        {
            case ConstantExpression constant:
                return constant.Value;
            case MemberExpression { Member: FieldInfo field } member:
                return field.GetValue(member.Expression is null ? null : ValueOf(member.Expression));
            case MemberExpression { Member: PropertyInfo property } member:
                return property.GetValue(member.Expression is null ? null : ValueOf(member.Expression));
            case UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert
                when convert.Type == typeof(object) || convert.Type.IsAssignableFrom(convert.Operand.Type):
                return ValueOf(convert.Operand);
            default:
                return Expression.Lambda<Func<object>>(Expression.Convert(expression, typeof(object))).Compile()();
        }
    }
}
