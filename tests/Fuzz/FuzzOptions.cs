using System.Globalization;
using Images.TestSupport;

namespace Images.Fuzz;

/// <summary>The command line.</summary>
internal sealed record FuzzOptions
{
    public const string Usage = """
        usage: dotnet run --project tests/Fuzz -c Release -- [options]
          --seconds N       how long each parser gets (default 10)
          --parser NAME     this one only; may be given more than once
          --seed N          of the random numbers (default: another each time; it is printed)
          --corpus FOLDER   what is mutated, and where findings are kept (default tests/Fuzz/corpus)
          --input FILE      read this file once with --parser NAME, and show the exception whole
          --list            name the parsers
        """;

    public double Seconds { get; private init; } = 10;

    public IReadOnlyList<string> Parsers { get; private init; } = [];

    public int Seed { get; private init; } = Environment.TickCount & int.MaxValue;

    public string Corpus { get; private init; } = Path.Combine(Checkout.Folder, "tests", "Fuzz", "corpus");

    public string? Input { get; private init; }

    public bool IsList { get; private init; }

    /// <exception cref="FormatException">It is not as the usage says.</exception>
    public static FuzzOptions Parse(string[] arguments)
    {
        FuzzOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} wants a value");
            options = arguments[i] switch
            {
                "--seconds" => options with { Seconds = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--parser" => options with { Parsers = [.. options.Parsers, Value()] },
                "--seed" => options with { Seed = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--corpus" => options with { Corpus = Path.GetFullPath(Value()) },
                "--input" => options with { Input = Value() },
                "--list" => options with { IsList = true },
                string other => throw new FormatException($"'{other}' is no option"),
            };
        }

        return options.Input is null || options.Parsers.Count == 1 ? options : throw new FormatException("--input goes with one --parser");
    }
}
