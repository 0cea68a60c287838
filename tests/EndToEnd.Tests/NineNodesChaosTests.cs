using System.Globalization;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>
/// Half an hour of faults of a whole cluster, drawn at random: one after the other, each once the cluster is whole again. IMAGES_CHAOS gives
/// the seed of the random numbers, which each run prints.
/// </summary>
public sealed class NineNodesChaosTests(ITestOutputHelper output)
{
    private const int SecondsUntilWhole = 400;

    /// <summary>An address at which there is nobody.</summary>
    private const string Stranger = "10.240.0.99";

    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(30);

    [Fact]
    [Trait("Category", "Full")]
    public void Half_an_hour_of_faults_loses_no_acknowledged_write_and_leaves_one_cluster()
    {
        int seed = Environment.GetEnvironmentVariable("IMAGES_CHAOS") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"IMAGES_CHAOS={seed}");
        Random random = new(seed);
        using NineNodes nodes = new(BakedImage.RunFolder(nameof(NineNodesChaosTests)), "vip");
        nodes.WaitUntilWhole(SecondsUntilWhole);
        ulong cluster = nodes.Etcd.ClusterId;

        DateTimeOffset end = DateTimeOffset.UtcNow + _duration;
        int faults = 0;
        while (DateTimeOffset.UtcNow < end)
        {
            DateTimeOffset begin = DateTimeOffset.UtcNow;
            string what = Happen(nodes, random);
            nodes.Mend(SecondsUntilWhole);
            nodes.Etcd.ClusterId.ShouldBe(cluster, what);
            double seconds = (DateTimeOffset.UtcNow - begin).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++faults}. {what}: {nodes.Client.Describe(begin)}; whole after {seconds:F0} s"));
        }

        nodes.LostWrites().ShouldBeEmpty();
        nodes.Client.Written.Count.ShouldBeGreaterThan(faults, "it went on writing");
        _ = nodes.MasterThatHolds; // one, not two
    }

    /// <summary>Makes one fault, and says which.</summary>
    private static string Happen(NineNodes nodes, Random random)
    {
        Machine machine = Any(nodes.All);
        TimeSpan pause = TimeSpan.FromMilliseconds(random.Next(15_000));
        switch (random.Next(5))
        {
            case 0:
                nodes.Cut(machine);
                Thread.Sleep(pause);
                return string.Create(CultureInfo.InvariantCulture, $"{machine.Name} cut for {pause.TotalSeconds:F1} s");
            case 1:
                nodes.Cut(machine);
                machine.Wipe();
                return $"{machine.Name} cut and wiped";
            case 2:
                Machine other = Any([.. nodes.All.Where(other => other.Name[..^1] != machine.Name[..^1])]);
                nodes.Cut(machine);
                nodes.Cut(other);
                Thread.Sleep(pause);
                return string.Create(CultureInfo.InvariantCulture, $"{machine.Name} and {other.Name} cut for {pause.TotalSeconds:F1} s");
            case 3:
                nodes.Stop(machine);
                return $"{machine.Name} stopped and started";
            default:
                (string label, string[] addresses) = nodes.Named.ElementAt(random.Next(nodes.Named.Count));
                string[] answer = random.Next(3) switch
                {
                    0 => [],
                    1 => addresses[1..],
                    _ => [.. addresses[1..], Stranger],
                };
                nodes.Name(label, answer);
                Thread.Sleep(pause);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"DNS names {(answer.Length == 0 ? "nobody" : string.Join(", ", answer))} as {label} for {pause.TotalSeconds:F1} s");
        }

        Machine Any(IReadOnlyCollection<Machine> machines) => machines.ElementAt(random.Next(machines.Count));
    }
}
