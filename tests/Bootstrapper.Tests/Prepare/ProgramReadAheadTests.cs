using Images.Bootstrapper.Prepare;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Prepare;

/// <summary>A unit that waits long has its program read meanwhile.</summary>
public sealed class ProgramReadAheadTests : IDisposable
{
    private const string Unit = "kubelet.service";

    private readonly TemporaryFolder _folder = new();

    public ProgramReadAheadTests()
    {
        Directory.CreateDirectory(_folder["usr/lib/systemd/system"]);
        Directory.CreateDirectory(_folder["usr/bin"]);
        File.WriteAllText(
            _folder[$"usr/lib/systemd/system/{Unit}"],
            "[Service]\nExecStartPre=/usr/bin/other\nExecStart=/usr/bin/kubelet $ARGS\n");
        File.WriteAllBytes(_folder["usr/bin/kubelet"], new byte[(3 << 20) + 5]);
    }

    [Fact]
    public async Task The_whole_program_is_read_once_the_wait_is_long()
    {
        VirtualTime time = new();
        (await Ahead(time).RunAsync(Unit, TestContext.Current.CancellationToken)).ShouldBe((3 << 20) + 5);
        time.Elapsed.ShouldBe(ProgramReadAhead.Patience);
    }

    [Fact]
    public async Task A_wait_that_ends_sooner_reads_nothing() =>
        (await Ahead(new VirtualTime()).RunAsync(Unit, new CancellationToken(canceled: true))).ShouldBe(0);

    [Theory]
    [InlineData("missing.service")]
    [InlineData("empty.service")]
    [InlineData("gone.service")]
    public async Task A_unit_without_a_program_that_can_be_read_is_no_fault(string unit)
    {
        File.WriteAllText(_folder["usr/lib/systemd/system/empty.service"], "[Service]\nType=oneshot\n");
        File.WriteAllText(_folder["usr/lib/systemd/system/gone.service"], "[Service]\nExecStart=/usr/bin/gone\n");
        (await Ahead(new VirtualTime()).RunAsync(unit, TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    public void Dispose() => _folder.Dispose();

    private ProgramReadAhead Ahead(VirtualTime time) => new(new NodeRoot(_folder.FullPath), time);
}
