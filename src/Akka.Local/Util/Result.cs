#nullable disable
namespace Akka.Util;

/// <summary>A value or the exception that came instead.</summary>
public readonly struct Result<T> : IEquatable<Result<T>>
{
    public readonly bool IsSuccess;
    public readonly T Value;
    public readonly Exception Exception;

    public Result(T value)
    {
        IsSuccess = true;
        Value = value;
        Exception = null;
    }

    public Result(Exception exception)
    {
        IsSuccess = false;
        Value = default;
        Exception = exception;
    }

    public bool Equals(Result<T> other) => IsSuccess == other.IsSuccess
        && EqualityComparer<T>.Default.Equals(Value, other.Value) && Equals(Exception, other.Exception);

    public override bool Equals(object obj) => obj is Result<T> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(IsSuccess, Value, Exception);

    public override string ToString() => IsSuccess ? $"Success ({Value?.ToString() ?? "null"})" : $"Failure ({Exception?.ToString() ?? "null"})";

    public static bool operator ==(Result<T> left, Result<T> right) => left.Equals(right);

    public static bool operator !=(Result<T> left, Result<T> right) => !left.Equals(right);
}

/// <summary>Makes <see cref="Result{T}"/>s.</summary>
public static class Result
{
    public static Result<T> Success<T>(T value) => new(value);

    public static Result<T> Failure<T>(Exception exception) => new(exception);

    /// <summary>What a completed task came to.</summary>
    public static Result<T> FromTask<T>(Task<T> task)
    {
        if (!task.IsCompleted)
            throw new ArgumentException("Only a completed task has a result; await it first.", nameof(task));
        return task.Exception is { } failure ? Failure<T>(failure) : task.IsCanceled ? Failure<T>(new TaskCanceledException(task)) : Success(task.GetAwaiter().GetResult());
    }

    /// <summary>What calling <paramref name="func"/> came to.</summary>
    public static Result<T> From<T>(Func<T> func)
    {
        try
        {
            return new Result<T>(func());
        }
        catch (Exception e)
        {
            return new Result<T>(e);
        }
    }
}
