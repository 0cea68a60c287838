using Images.Baker.Baking;
using Images.Baker.Cli;
using Images.Baker.Progress;
using Images.Baker.Tests.Cli;
using Images.Formats.Verity;
using Images.TestSupport;

namespace Images.Baker.Tests.Progress;

public sealed class ProgressTests : IDisposable
{
    private readonly SetClock _clock = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void A_log_gets_one_line_a_stage_when_it_ends()
    {
        using PlainProgress progress = new(_output, _clock);
        using (BakeStage stage = progress.Begin("unpack and compress", totalBytes: 8 << 20))
        {
            stage.Add(3 << 20);
            _clock.Advance(TimeSpan.FromSeconds(1.5));
            stage.Add(3 << 20);
            _output.ToString().ShouldBeEmpty();
        }

        progress.Notice("something moved");
        using (progress.Begin("compose the tree"))
        {
            _clock.Advance(TimeSpan.FromSeconds(125));
        }

        _output.ToString().ShouldBe(
            "unpack and compress          1.50 s  6 MiB  4 MiB/s\n" +
            "notice: something moved\n" +
            "compose the tree          2 min 5 s\n");
        progress.Finished.ShouldBe([new StageTime("unpack and compress", TimeSpan.FromSeconds(1.5), 6 << 20), new StageTime("compose the tree", TimeSpan.FromSeconds(125), 0)]);
    }

    [Fact]
    public void A_terminal_sees_bytes_rate_and_share_while_a_stage_runs_and_then_its_line()
    {
        using TerminalProgress progress = new(_output, () => 0, _clock);
        BakeStage stage = progress.Begin("unpack and compress", totalBytes: 8 << 20);
        Drawn().ShouldBe(["unpack and compress          0.00 s    0 % of 8 MiB"]);
        stage.Add(2 << 20);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Drawn().ShouldBe(["unpack and compress          0.10 s  2 MiB  20 MiB/s   25 % of 8 MiB", "unpack and compress          0.20 s  2 MiB  10 MiB/s   25 % of 8 MiB"]);
        progress.Notice("something moved");
        stage.Add(6 << 20);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        stage.Dispose();
        Drawn().ShouldBe(["notice: something moved\n", "unpack and compress          0.25 s  8 MiB  32 MiB/s\n"]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Drawn().ShouldBeEmpty("nothing runs, so nothing is drawn");
    }

    [Fact]
    public void What_a_server_says_does_not_steer_the_terminal()
    {
        using PlainProgress log = new(_output, _clock);
        log.Notice("404 \u001b[31mEVIL\u0007");
        _output.ToString().ShouldBe("notice: 404  [31mEVIL \n");

        using TerminalProgress progress = new(_output, () => 0, _clock);
        progress.Notice("\u001b]0;owned\u0007");
        _output.ToString().ShouldEndWith("notice:  ]0;owned \n");
    }

    [Fact]
    public void A_line_that_is_redrawn_never_wraps()
    {
        using TerminalProgress progress = new(_output, () => 40, _clock);
        using BakeStage stage = progress.Begin("unpack and compress", totalBytes: 8 << 20);
        stage.Add(2 << 20);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Drawn().ShouldBe(["unpack and compress          0.00 s    ", "unpack and compress          0.10 s  2 "]);
    }

    [Fact]
    public void The_summary_says_what_was_made_how_big_how_long_and_where_the_time_went()
    {
        BakeResult made = new()
        {
            Image = "out/node_0.1.0.raw",
            Manifest = "out/node_0.1.0.manifest.json",
            Sbom = "out/node_0.1.0.spdx.json",
            Version = "0.1.0",
            DiskBytes = 5L << 29,
            RootBytes = 170L << 20,
            RootSlotBytes = 1L << 30,
            Verity = new VerityInfo { RootHash = "ab12", Salt = "", DataBlocks = 1 },
            Packages = 104,
        };
        BakeSummary.Write(_output, made, [new StageTime("fetch packages", TimeSpan.FromSeconds(1), 5), new StageTime("write the root", TimeSpan.FromSeconds(12.34), 5)], TimeSpan.FromSeconds(14));
        _output.ToString().ShouldBe(
            "\n" +
            "out/node_0.1.0.raw  version 0.1.0, 104 packages\n" +
            "  disk 2.5 GiB, root 170 MiB of 1 GiB, verity root hash ab12\n" +
            "  out/node_0.1.0.manifest.json\n" +
            "  out/node_0.1.0.spdx.json\n" +
            "  in 14.0 s: fetch packages 1.00 s, write the root 12.3 s\n");
    }

    [Fact]
    public void A_bake_into_a_pipe_writes_plain_lines_and_the_summary()
    {
        using SampleProject project = new();
        JudgeResult made = project.Bake();
        made.ExitCode.ShouldBe(0, made.Error);
        made.Output.ShouldNotContain("\u001b");
        made.Output.ShouldNotContain("\r");
        string[] stages = ["fetch packages", "unpack and compress", "index kernel modules", "compose the tree", "pack the initramfs", "write the root", "seal it with dm-verity", "write the ESP", "write the upgrade"];
        string[] lines = made.Output.Split('\n');
        stages.ShouldAllBe(stage => lines.Count(line => line.StartsWith(stage, StringComparison.Ordinal)) == 1);
        lines.ShouldContain(line => line.StartsWith(project.Image, StringComparison.Ordinal));
        lines[^2].ShouldMatch("^  in .+: fetch packages .+, write the upgrade [0-9.]+ s$");
    }

    [Fact]
    public void A_bake_on_a_terminal_redraws_its_line()
    {
        using SampleProject project = new();
        JudgeResult made = project.Bake(prefix: ["/bin/sh", "-c", "line=$(printf \"'%s' \" \"$@\"); exec script -qec \"$line\" /dev/null", "sh"]);
        made.ExitCode.ShouldBe(0, made.Output + made.Error);
        made.Output.ShouldContain("\r\u001b[Kunpack and compress");
        made.Output.ShouldMatch("[0-9]+ % of [0-9]");
        made.Output.ShouldContain("verity root hash");
    }

    public void Dispose() => _output.Dispose();

    /// <summary>What was drawn since the last call, line by line as it was drawn.</summary>
    private string[] Drawn()
    {
        string[] parts = _output.ToString().Split("\r\u001b[K", StringSplitOptions.RemoveEmptyEntries);
        _output.GetStringBuilder().Clear();
        return parts;
    }
}
