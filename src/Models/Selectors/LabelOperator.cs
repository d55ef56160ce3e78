namespace ActorKube.Models;

/// <summary>How a <see cref="LabelRequirement"/> compares a label.</summary>
public enum LabelOperator
{
    /// <summary><c>key in (a,b)</c>: there, with one of the values.</summary>
    In,

    /// <summary><c>key notin (a,b)</c>: not there, or with another value.</summary>
    NotIn,

    /// <summary><c>key=a</c>.</summary>
    Equals,

    /// <summary><c>key==a</c>: the same as <see cref="Equals"/>, printed as it was written.</summary>
    DoubleEquals,

    /// <summary><c>key!=a</c>: not there, or with another value.</summary>
    NotEquals,

    /// <summary><c>key</c>: there.</summary>
    Exists,

    /// <summary><c>!key</c>: not there.</summary>
    DoesNotExist,

    /// <summary><c>key&gt;5</c>: there, and a larger whole number.</summary>
    GreaterThan,

    /// <summary><c>key&lt;5</c>: there, and a smaller whole number.</summary>
    LessThan,
}
