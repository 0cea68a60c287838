using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>
/// What happens to machines while they become a cluster: two power cuts and a change of DNS, at moments drawn at random.
/// </summary>
internal sealed class BirthInChaos
{
    private const int LatestCutMilliseconds = 10_000;
    private const int LongestAnswerMilliseconds = 4_000;

    private readonly List<(int AtMilliseconds, string What, Action Happens)> _events = [];
    private readonly Machine[] _machines;
    private readonly LabNetwork _network;
    private readonly string _name;
    private readonly string[] _addresses;

    /// <param name="random">What all moments and choices are drawn from.</param>
    /// <param name="machines">Which are off and blank.</param>
    /// <param name="network">Theirs.</param>
    /// <param name="name">Under which DNS knows them.</param>
    /// <param name="stranger">An address at which there is none of them.</param>
    public BirthInChaos(Random random, Machine[] machines, LabNetwork network, string name, string stranger)
    {
        (_machines, _network, _name) = (machines, network, name);
        _addresses = [.. machines.Select(machine => machine.Address)];

        // Who loses two of three disks loses the cluster, whatever the rules: of each birth at most one machine is wiped.
        int wiped = random.Next(machines.Length);
        foreach (int at in (int[])[random.Next(LatestCutMilliseconds), random.Next(LatestCutMilliseconds)])
        {
            int which = random.Next(machines.Length + 1);
            Machine[] cut = which == machines.Length ? machines : [machines[which]];
            Machine? wipes = random.Next(3) == 0 && cut.Contains(machines[wiped]) ? machines[wiped] : null;
            string what = $"{Names(cut)} cut{(wipes is null ? "" : $", {wipes.Name} wiped")}";
            _events.Add((at, what, () => CutAndStart(cut, wipes)));
        }

        int from = random.Next(LatestCutMilliseconds), to = from + 1 + random.Next(LongestAnswerMilliseconds);
        string[] answer = AnotherAnswer(random, stranger);
        string named = answer.Length == 0 ? "nobody" : string.Join(", ", answer);
        _events.Add((from, $"DNS names {named}", () => network.SetRecords(name, answer)));
        _events.Add((to, "DNS names all again", () => network.SetRecords(name, _addresses)));
        _events.Sort((one, other) => one.AtMilliseconds.CompareTo(other.AtMilliseconds));
    }

    public override string ToString() => string.Join("; ", _events.Select(each =>
        string.Create(CultureInfo.InvariantCulture, $"{each.AtMilliseconds / 1000.0:0.0} s: {each.What}")));

    /// <summary>Starts the machines; returns when all of it has happened.</summary>
    public void Run()
    {
        _network.SetRecords(_name, _addresses);
        long start = Stopwatch.GetTimestamp();
        foreach (Machine machine in _machines)
        {
            machine.Start();
        }

        foreach ((int atMilliseconds, _, Action happens) in _events)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(atMilliseconds) - Stopwatch.GetElapsedTime(start);
            Thread.Sleep(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            happens();
        }
    }

    private static string Names(Machine[] machines) => string.Join(", ", machines.Select(machine => machine.Name));

    private static void CutAndStart(Machine[] cut, Machine? wiped)
    {
        foreach (Machine machine in cut)
        {
            machine.CutPower();
        }

        wiped?.Wipe();
        foreach (Machine machine in cut)
        {
            machine.Start();
        }
    }

    /// <summary>One that lacks a machine, one with a stranger in its place, another order, or none at all.</summary>
    private string[] AnotherAnswer(Random random, string stranger)
    {
        string other = _addresses[random.Next(_addresses.Length)];
        return random.Next(4) switch
        {
            0 => [.. _addresses.Where(address => address != other)],
            1 => [.. _addresses.Select(address => address == other ? stranger : address)],
            2 => [.. _addresses.Reverse()],
            _ => [],
        };
    }
}
