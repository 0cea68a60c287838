using System.Globalization;

namespace Images.Fuzz;

/// <summary>
/// Gives every parser of both programs inputs that nobody would write, and wants of each: only a declared exception, in bounded time
/// and memory. Exit codes: 0 nothing found, 1 something was, 2 bad options, 3 a parser did not come back.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            FuzzOptions options = FuzzOptions.Parse(arguments);
            FuzzedParser[] parsers = Choose(options);
            if (options.IsList)
            {
                Console.WriteLine(string.Join('\n', parsers.Select(parser => parser.Name)));
                return 0;
            }

            return options.Input is { } file ? ReadOnce(parsers[0], file) : Run(parsers, options);
        }
        catch (FormatException fault)
        {
            Console.Error.WriteLine($"fuzz: {fault.Message}\n{FuzzOptions.Usage}");
            return 2;
        }
    }

    private static FuzzedParser[] Choose(FuzzOptions options)
    {
        FuzzedParser[] all = [.. FuzzedParsers.All];
        string? unknown = options.Parsers.FirstOrDefault(name => !all.Any(parser => parser.Name == name));
        return unknown is null
            ? [.. all.Where(parser => options.Parsers.Count == 0 || options.Parsers.Contains(parser.Name))]
            : throw new FormatException($"there is no parser '{unknown}'; --list names them");
    }

    private static int ReadOnce(FuzzedParser parser, string file)
    {
        try
        {
            parser.Read(FuzzCorpus.ReadFile(file));
            Console.WriteLine($"{parser.Name}: read");
            return 0;
        }
        catch (Exception fault) when (parser.IsDeclared(fault))
        {
            Console.WriteLine($"{parser.Name}: refused, as declared: {fault.Message}");
            return 0;
        }
    }

    private static int Run(FuzzedParser[] parsers, FuzzOptions options)
    {
        Console.WriteLine($"{parsers.Length} parsers, {options.Seconds} s each, --seed {options.Seed}");
        FuzzWatchdog watchdog = new(options.Corpus);
        int found = 0;
        foreach (FuzzedParser parser in parsers)
        {
            FuzzReport report = new FuzzLoop(parser, FuzzCorpus.Load(parser, options.Corpus), options, watchdog).Run();
            Console.WriteLine(report.Line);
            found += report.Findings;
        }

        Console.WriteLine(found == 0 ? "nothing was found" : $"{found} findings");
        return found == 0 ? 0 : 1;
    }
}
