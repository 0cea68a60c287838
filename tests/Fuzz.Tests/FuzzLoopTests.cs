using Images.Formats;
using Images.TestSupport;

namespace Images.Fuzz.Tests;

/// <summary>Whether the program sees what it is there for.</summary>
public sealed class FuzzLoopTests : IDisposable
{
    private readonly TemporaryFolder _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void An_exception_that_is_not_declared_is_found_once_and_its_input_kept()
    {
        FuzzedParser parser = Parser(bytes => _ = bytes.Contains((byte)0xFF) ? throw new InvalidCastException("broken") : 0);
        Run(parser).Findings.ShouldBe(1);
        string kept = Kept().ShouldHaveSingleItem();
        Path.GetFileName(kept).ShouldStartWith("found-InvalidCastException-");
        File.ReadAllBytes(kept).ShouldContain((byte)0xFF);

        // what was kept is read first the next time, and is not kept again
        FuzzReport again = Run(parser, seconds: "0");
        again.Findings.ShouldBe(1);
        again.Inputs.ShouldBe(2);
        Kept().ShouldHaveSingleItem();
    }

    [Fact]
    public void An_exception_that_is_declared_is_none()
    {
        FuzzReport report = Run(Parser(bytes => _ = IsSample(bytes) ? 0 : throw new MalformedDataException("fuzz", 0, "so it is meant")));
        report.Findings.ShouldBe(0);
        report.Line.ShouldContain("MalformedDataException");
        Kept().ShouldBeEmpty();
    }

    [Fact]
    public void An_input_that_costs_too_much_memory_is_found()
    {
        Run(Parser(bytes => GC.KeepAlive(new byte[IsSample(bytes) ? 0 : 100 << 20]))).Findings.ShouldBe(1);
        Path.GetFileName(Kept().ShouldHaveSingleItem()).ShouldStartWith("found-memory-");
    }

    [Fact]
    public void An_input_that_costs_too_much_time_is_found()
    {
        FuzzedParser parser = Parser(_ =>
        {
            TimeSpan begin = Environment.CpuUsage.TotalTime;
            while (Environment.CpuUsage.TotalTime - begin < TimeSpan.FromSeconds(3.2))
            {
                // busy
            }
        });
        Run(parser, seconds: "0").Findings.ShouldBe(1);
        Kept().ShouldBeEmpty("it was the corpus itself");
    }

    [Fact]
    public void A_corpus_of_which_nothing_is_read_is_found() =>
        Run(Parser(_ => throw new MalformedDataException("fuzz", 0, "whatever it is")), seconds: "0").Findings.ShouldBe(1);

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        static List<string> Inputs(int seed)
        {
            FuzzMutator mutator = new(new Random(seed), ["the first input"u8.ToArray(), "and another one"u8.ToArray()]);
            return [.. Enumerable.Range(0, 200).Select(_ => Convert.ToHexString(mutator.Next()))];
        }

        Inputs(1).ShouldBe(Inputs(1));
        Inputs(1).ShouldNotBe(Inputs(2));
        Inputs(1).Distinct().Count().ShouldBeGreaterThan(150);
    }

    [Fact]
    public void A_parser_without_any_input_is_refused() =>
        Should.Throw<FormatException>(() => FuzzCorpus.Load(Parser(_ => { }) with { Samples = () => [] }, _corpus.FullPath));

    private static FuzzedParser Parser(Action<byte[]> read) => new()
    {
        Name = "made",
        Declared = [typeof(MalformedDataException)],
        Read = read,
        Samples = () => ["an input"u8.ToArray()],
    };

    private static bool IsSample(byte[] bytes) => bytes.AsSpan().SequenceEqual("an input"u8);

    private FuzzReport Run(FuzzedParser parser, string seconds = "0.3")
    {
        FuzzOptions options = FuzzOptions.Parse(["--corpus", _corpus.FullPath, "--seconds", seconds, "--seed", "1"]);
        return new FuzzLoop(parser, FuzzCorpus.Load(parser, options.Corpus), options, new FuzzWatchdog(options.Corpus)).Run();
    }

    private string[] Kept() => Directory.Exists(_corpus["made"]) ? Directory.GetFiles(_corpus["made"]) : [];
}
