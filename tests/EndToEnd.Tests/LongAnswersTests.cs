using System.Diagnostics;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>A name with more addresses than a datagram of DNS holds.</summary>
public sealed class LongAnswersTests : IDisposable
{
    private const string Worker = "10.240.0.31";
    private const string Name = "workers.demo.k8s";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly LabCluster _lab = new(BakedImage.RunFolder(nameof(LongAnswersTests)));

    [Fact]
    public void A_hundred_workers_are_known_by_name_and_so_is_who_comes_and_who_goes()
    {
        string[] others = [.. Enumerable.Range(1, 99).Select(number => $"10.241.0.{number}")];
        _lab.Network.SetRecords(Name, [Worker, .. others]);
        foreach (string longest in (string[])["+noedns", "+bufsize=1232"])
        {
            _lab.Network.Try("dig", "+ignore", longest, $"@{LabNetwork.Gateway}", $"{Name}.").Output
                .ShouldMatch("flags: [a-z ]*tc", "it does not fit into a datagram");
        }

        Machine worker = _lab.Start("worker1", _lab.Seeds.Role("worker"), Worker);
        ShouldKnow(worker, [Worker, .. others]);
        _lab.Network.SetRecords(Name, [Worker, .. others[1..], "10.241.0.200"]);
        ShouldKnow(worker, [Worker, .. others[1..], "10.241.0.200"]);
    }

    public void Dispose() => _lab.Dispose();

    private void ShouldKnow(Machine machine, string[] addresses)
    {
        string[] known = [];
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < _patience; Thread.Sleep(500))
        {
            string lines = _lab.Run(machine, $"sed -n 's/ *{Name}$//p' /etc/hosts");
            known = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())];
            if (known.Length == addresses.Length && !known.Except(addresses).Any())
            {
                return;
            }
        }

        known.ShouldBe(addresses, ignoreOrder: true);
    }
}
