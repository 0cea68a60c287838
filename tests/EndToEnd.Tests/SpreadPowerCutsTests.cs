using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Power goes at ten moments spread over a first boot, two machines at a time.</summary>
[Collection(AloneGroup.Name)]
[Trait("Category", "Full")]
public sealed class SpreadPowerCutsTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly string _folder = BakedImage.RunFolder(nameof(SpreadPowerCutsTests));
    private readonly LabNetwork _network;

    public SpreadPowerCutsTests(ITestOutputHelper output)
    {
        _output = output;
        _network = new LabNetwork(Path.Combine(_folder, "network"));
    }

    [Fact]
    public async Task Ten_cuts_spread_over_the_measured_first_boot_lose_nothing()
    {
        // an early and a late one at a time: two machines are what two cores carry
        (int, int)[] pairs = [(5, 100), (15, 90), (25, 80), (35, 70), (45, 60)];
        TimeSpan whole = MeasureFirstBoots();
        ConcurrentDictionary<int, Exception> failures = new();
        int address = 20;
        foreach ((int early, int late) in pairs)
        {
            Task[] both = [.. new[] { early, late }.Select(percent =>
            {
                string own = string.Create(CultureInfo.InvariantCulture, $"10.240.0.{address++}");
                return Task.Factory.StartNew(() => CutAt(percent, whole, own, failures), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            })];
            await Task.WhenAll(both);
        }

        failures.OrderBy(failure => failure.Key).Select(failure => $"cut at {failure.Key} %: {failure.Value.Message}").ShouldBeEmpty();
    }

    public void Dispose() => _network.Dispose();

    /// <summary>How long two machines at a time take to become ready.</summary>
    private TimeSpan MeasureFirstBoots()
    {
        using PowerCutMachine one = new(_folder, "measured1", _network, "10.240.0.11");
        using PowerCutMachine other = new(_folder, "measured2", _network, "10.240.0.12");
        long start = Stopwatch.GetTimestamp();
        one.Start();
        other.StartAndWaitFor("bootstrapper: ready: etcd.service");
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        _output.WriteLine($"a first boot takes {whole.TotalSeconds:F0} s");
        return whole;
    }

    private void CutAt(int percent, TimeSpan whole, string address, ConcurrentDictionary<int, Exception> failures)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"cut{percent}");
        try
        {
            using PowerCutMachine machine = new(_folder, name, _network, address);
            machine.Start();
            Thread.Sleep(whole * percent / 100);
            IReadOnlyCollection<string> found = machine.CutAndExpectAllKept();
            _output.WriteLine($"cut at {percent} %: nothing lost; there was already: {string.Join(", ", found)}");
        }
        catch (Exception e) when (e is MachineException or Xunit.Sdk.XunitException or ShouldAssertException or TestSupport.JudgeException)
        {
            _output.WriteLine($"cut at {percent} %: {e.Message}");
            failures[percent] = e;
        }
    }
}
