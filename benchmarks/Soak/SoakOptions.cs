using System.Globalization;

namespace ActorKube.Soak;

/// <summary>How long, how much, and over what.</summary>
sealed record SoakOptions
{
    public const string Usage = """
        usage: Soak [--minutes N] [--objects N] [--rate N] [--seed N] [--in-process]
          --minutes N      how long changes and faults go on (5; fractions are fine)
          --objects N      about how many objects there are (10000)
          --rate N         changes a second (200)
          --seed N         of the faults and changes (1)
          --in-process     without a socket and TLS between the two halves
        """;

    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(5);

    public int Objects { get; init; } = 10_000;

    public int Rate { get; init; } = 200;

    public int Seed { get; init; } = 1;

    public bool InProcess { get; init; }

    /// <exception cref="FormatException">An argument is not understood; the message says which.</exception>
    public static SoakOptions Parse(string[] args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Length; i++)
        {
            double Number() => ++i < args.Length && double.TryParse(args[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : throw new FormatException($"{args[i - 1]} needs a number above zero.");
            options = args[i] switch
            {
                "--minutes" => options with { Time = TimeSpan.FromMinutes(Number()) },
                "--objects" => options with { Objects = (int)Number() },
                "--rate" => options with { Rate = (int)Number() },
                "--seed" => options with { Seed = (int)Number() },
                "--in-process" => options with { InProcess = true },
                var other => throw new FormatException($"'{other}' is not understood."),
            };
        }
        return options;
    }
}
