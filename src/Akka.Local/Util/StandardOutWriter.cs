namespace Akka.Util;

/// <summary>Writes to the standard output, one text at a time.</summary>
public static class StandardOutWriter
{
    private static readonly Lock Gate = new();

    public static void Write(string message, ConsoleColor? foregroundColor = null, ConsoleColor? backgroundColor = null) =>
        WriteToConsole(() => Console.Write(message), foregroundColor, backgroundColor);

    public static void WriteLine(string message, ConsoleColor? foregroundColor = null, ConsoleColor? backgroundColor = null) =>
        WriteToConsole(() => Console.WriteLine(message), foregroundColor, backgroundColor);

    private static void WriteToConsole(Action write, ConsoleColor? foreground, ConsoleColor? background)
    {
        lock (Gate)
        {
            if (foreground is null && background is null)
            {
                write();
                return;
            }

            try
            {
                Console.ForegroundColor = foreground ?? Console.ForegroundColor;
                Console.BackgroundColor = background ?? Console.BackgroundColor;
                write();
            }
            finally
            {
                Console.ResetColor();
            }
        }
    }
}
