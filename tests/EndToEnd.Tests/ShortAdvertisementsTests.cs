using System.Globalization;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Who holds a virtual address says so each half second: what a power cut then costs, and whether a busy host moves the address.</summary>
public sealed class ShortAdvertisementsTests(ITestOutputHelper output)
{
    private const string Interval = "0.5";

    /// <summary>Three and a part of them without a word, then ARP and the client's next attempt.</summary>
    private static readonly TimeSpan _gap = TimeSpan.FromSeconds(2.5);

    /// <summary>Minutes of load; an hour of it is measured by hand with IMAGES_LOAD_MINUTES=60.</summary>
    private static readonly double _minutes =
        double.Parse(Environment.GetEnvironmentVariable("IMAGES_LOAD_MINUTES") is { Length: > 0 } given ? given : "2", CultureInfo.InvariantCulture);

    [Fact]
    [Trait("Category", "Full")]
    public void A_power_cut_shows_for_half_of_the_time()
    {
        using NineNodes nodes = new(BakedImage.RunFolder(nameof(ShortAdvertisementsTests)), "vip", "--vip-interval", Interval);
        nodes.WaitUntilWhole(300);
        nodes.Run(nodes["master1"], "sudo cat /etc/keepalived/keepalived.conf").ShouldContain($"advert_int {Interval}\n");

        int before = Moves(nodes);
        TetheredProcess[] load = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new TetheredProcess([], [Judge.Find("bash"), "-c", "while :; do :; done"]))];
        Thread.Sleep(TimeSpan.FromMinutes(_minutes));
        Array.ForEach(load, process => process.Dispose());
        Tell($"{Moves(nodes) - before} moves in {_minutes:0.#} minutes with {load.Length} busy programs beside");

        nodes.Client.WaitUntilCalm(TimeSpan.FromSeconds(2), 60);
        Machine holder = nodes.MasterThatHolds;
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        nodes.Cut(holder);
        Thread.Sleep(TimeSpan.FromSeconds(5)); // it shows itself first
        nodes.Client.WaitUntilCalm(TimeSpan.FromSeconds(2), 60);
        string seen = $"power cut of the holder, an advertisement each {Interval} s: {nodes.Client.Describe(begin)}";
        output.WriteLine(seen);
        foreach (string kind in Lab.Networks.ApiProbe.Kinds)
        {
            nodes.Client.LongestGap(kind, begin).ShouldBeLessThan(_gap, seen);
        }

        nodes.MasterThatHolds.ShouldNotBe(holder);
    }

    /// <summary>How often masters have taken the address, by keepalived's own words.</summary>
    private static int Moves(NineNodes nodes) => nodes.Masters.Sum(master => int.Parse(
        nodes.Run(master, "sudo journalctl --boot --unit keepalived.service --output cat | grep -c 'Entering MASTER STATE' || true"), CultureInfo.InvariantCulture));

    private void Tell(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
