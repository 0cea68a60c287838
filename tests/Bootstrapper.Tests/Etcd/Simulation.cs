using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>
/// Machines that run the real rules in virtual time: every message has a delay and may be lost, machines crash, restart and lose
/// their disks, and DNS tells each one something else until the calm.
/// </summary>
internal sealed class Simulation
{
    private const string Cluster = "demo";
    private const double RoundTimeout = 3;
    private const double RoundPause = 1;
    private const double End = Schedule.CalmAfter + 240;

    private readonly Random _random;
    private readonly Schedule _schedule;
    private readonly PriorityQueue<Action, (double Time, int Sequence)> _events = new();
    private readonly List<SimulatedMachine> _machines = [];
    private readonly Dictionary<string, SimulatedCluster> _clusters = new(StringComparer.Ordinal);
    private readonly List<string> _log = [];
    private readonly HashSet<(string, string)> _cutLinks = [];
    private readonly double _turn;
    private int _sequence;
    private int _names;
    private double _now;

    public Simulation(int seed)
    {
        _random = new Random(seed);
        _schedule = Schedule.Draw(_random);
        for (int i = 0; i < _schedule.Machines; i++)
        {
            _machines.Add(new SimulatedMachine($"10.0.0.{11 + i}") { Record = EtcdRecord.Blank(NewName()) });
        }

        _turn = 15 + (_random.NextDouble() * 40);
        PlanStarts();
        PlanDns();
        PlanFaults();
    }

    public string Story => $"{_schedule}\n{string.Join('\n', _log.TakeLast(60))}\n{string.Join('\n', _machines)}";

    /// <summary>Runs to the end; returns what went wrong, null when nothing did.</summary>
    public string? Run()
    {
        while (_events.TryDequeue(out Action? action, out (double Time, int Sequence) when) && when.Time < End)
        {
            _now = when.Time;
            action();
            string[] held = [.. _machines.Select(machine => machine.ClusterToken).OfType<string>().Distinct(StringComparer.Ordinal)];
            if (held.Length > 1)
            {
                return $"two clusters at {_now:F1} s: {string.Join(" and ", held)}";
            }

            if (_now > Schedule.CalmAfter && IsHealthy())
            {
                return null;
            }
        }

        return IsHealthy() ? null : "no healthy cluster in the end";
    }

    private bool IsHealthy()
    {
        SimulatedMachine[] wanted = [.. _machines.Where(machine => FinalSet().Contains(machine.Address))];
        return wanted[0].ClusterToken is string token
            && wanted.All(machine => machine.EtcdRuns && machine.ClusterToken == token
                && _clusters[token].Voters.GetValueOrDefault(machine.Address) == machine.Record.Name);
    }

    private void PlanStarts()
    {
        bool together = _schedule.Shape == DnsShape.HandOver || _random.Next(2) == 0;
        foreach (SimulatedMachine machine in _machines)
        {
            At(together ? _random.NextDouble() * _turn : _random.NextDouble() * 80, () => Boot(machine));
        }
    }

    private PeerSet FinalSet() => PeerSet.Parse(_machines.TakeLast(_schedule.Size).Select(machine => machine.Address));

    private void PlanDns()
    {
        string[] all = [.. _machines.Select(machine => machine.Address)];
        PeerSet other = PeerSet.Parse(all.Take(_schedule.Size));
        foreach (SimulatedMachine machine in _machines)
        {
            At(0, () => See(machine, _schedule.Shape == DnsShape.Steady ? FinalSet() : PeerSet.Empty));
            At(Schedule.CalmAfter, () => See(machine, FinalSet()));
            if (_schedule.Shape == DnsShape.HandOver)
            {
                At(1, () => See(machine, other));
                At(_turn + (_random.NextDouble() * 5), () => See(machine, FinalSet()));
                continue;
            }

            for (int i = 0; i < _schedule.Changes; i++)
            {
                double time = _random.NextDouble() * Schedule.CalmAfter;
                PeerSet next = _schedule.Shape switch
                {
                    DnsShape.Steady => FinalSet(),
                    DnsShape.Growing => PeerSet.Parse(FinalSet().Addresses.Take(1 + (int)(time * _schedule.Size / Schedule.CalmAfter))),
                    DnsShape.Split => _random.Next(2) == 0 ? FinalSet() : other,
                    _ => PeerSet.Parse(all.Where(_ => _random.Next(4) > 0)),
                };
                At(time, () => See(machine, next));
            }
        }
    }

    private void PlanFaults()
    {
        for (int i = 0; i < _schedule.Crashes; i++)
        {
            SimulatedMachine machine = _machines[_random.Next(_machines.Count)];
            Outage(machine, () => { });
        }

        for (int i = 0; i < _schedule.Cuts; i++)
        {
            (string, string) link = (_machines[_random.Next(_machines.Count)].Address, _machines[_random.Next(_machines.Count)].Address);
            double start = FaultTime();
            At(start, () => _cutLinks.Add(link));
            At(start + (_random.NextDouble() * 30), () => _cutLinks.Remove(link));
        }

        foreach (SimulatedMachine machine in _machines.OrderBy(_ => _random.Next()).Take(_schedule.Wipes))
        {
            Outage(machine, () =>
            {
                Log($"{machine.Address} loses its disk");
                machine.Record = EtcdRecord.Blank(NewName());
                machine.HasData = false;
                machine.ClusterToken = null;
            });
        }
    }

    /// <summary>Around the turn where DNS hands over; anywhere before the calm otherwise.</summary>
    private double FaultTime() => _schedule.Shape == DnsShape.HandOver
        ? _turn - 10 + (_random.NextDouble() * 20)
        : _random.NextDouble() * (Schedule.CalmAfter - 35);

    private void Outage(SimulatedMachine machine, Action meanwhile)
    {
        double start = FaultTime();
        At(start, () =>
        {
            Log($"{machine.Address} goes down");
            machine.Up = false;
            machine.EtcdRuns = false;
            machine.Incarnation++;
            meanwhile();
        });
        At(start + 4 + (_random.NextDouble() * 30), () => Boot(machine));
    }

    private void Boot(SimulatedMachine machine)
    {
        if (machine.Up)
        {
            return;
        }

        machine.Up = true;
        machine.EtcdRuns = false;
        machine.Incarnation++;
        machine.SeesSince = _now;
        machine.DoubtedDigest = null;
        machine.VoidAnswers.Clear();
        Round(machine);
    }

    private void See(SimulatedMachine machine, PeerSet set)
    {
        if (set.Count > 0 && !set.Equals(machine.Sees))
        {
            machine.Sees = set;
            machine.SeesSince = _now;
        }
    }

    /// <summary>Asks everyone of interest, and decides when all have answered or the time is over.</summary>
    private void Round(SimulatedMachine machine)
    {
        int incarnation = machine.Incarnation;
        Dictionary<string, PeerStatus> answers = new(StringComparer.Ordinal);
        string[] asked = [.. machine.Sees.Addresses.Concat(machine.Record.Configuration?.Members.Select(member => member.Address) ?? [])
            .Where(address => address != machine.Address).Distinct(StringComparer.Ordinal)];
        bool over = false;
        void Finish()
        {
            if (!over && machine.Incarnation == incarnation)
            {
                over = true;
                Act(machine, answers);
            }
        }

        foreach (string address in asked)
        {
            Ask(machine, address, peer => StatusOf(peer), status =>
            {
                if (!over)
                {
                    answers[address] = status;
                    if (answers.Count == asked.Length)
                    {
                        Finish();
                    }
                }
            });
        }

        At(_now + (asked.Length == 0 ? 0.1 : RoundTimeout), Finish);
    }

    private void Act(SimulatedMachine machine, Dictionary<string, PeerStatus> answers)
    {
        if (machine.DoubtedDigest != machine.Record.Configuration?.Digest)
        {
            machine.DoubtedDigest = machine.Record.Configuration?.Digest;
            machine.VoidAnswers.Clear();
        }

        EtcdDecision decision = EtcdStartRule.Decide(new EtcdObservation
        {
            Cluster = Cluster,
            Size = _schedule.Size,
            Address = machine.Address,
            Record = machine.Record,
            HasData = machine.HasData,
            Peers = machine.Sees,
            PeersStable = machine.Sees.Count > 0 && _now - machine.SeesSince >= _schedule.StableAfter,
            Answers = answers,
            VoidAnswers = machine.VoidAnswers,
        });
        machine.LastWait = decision.ToString();
        if (decision is not EtcdDecision.Wait)
        {
            Log($"{machine.Address}: {decision.GetType().Name} {(decision as EtcdDecision.Vote)?.Configuration} as {machine.Record.Name}");
        }

        machine.Record = EtcdTransition.Apply(machine.Record, decision, NewName);
        switch (decision)
        {
            case EtcdDecision.AskToVoid ask:
                foreach (string address in ask.Addresses)
                {
                    Ask(machine, address, peer => Promise(peer, ask.Configuration), word =>
                    {
                        if (machine.DoubtedDigest == ask.Configuration.Digest)
                        {
                            machine.VoidAnswers[address] = word;
                        }
                    });
                }

                break;
            case EtcdDecision.StartNew start:
                machine.ClusterToken = start.Configuration.Token;
                _clusters.TryAdd(start.Configuration.Token, new SimulatedCluster(start.Configuration));
                StartEtcd(machine);
                return;
            case EtcdDecision.Resume:
                StartEtcd(machine);
                return;
            case EtcdDecision.Join join when TryJoin(machine, join):
                StartEtcd(machine);
                return;
            default:
                break;
        }

        int incarnation = machine.Incarnation;
        At(_now + RoundPause, () =>
        {
            if (machine.Incarnation == incarnation)
            {
                Round(machine);
            }
        });
    }

    private bool TryJoin(SimulatedMachine machine, EtcdDecision.Join join)
    {
        SimulatedMachine through = _machines.First(peer => peer.Address == join.Through[0]);
        if (through.ClusterToken is not string token || !HasQuorum(_clusters[token]))
        {
            return false;
        }

        SimulatedCluster cluster = _clusters[token];
        cluster.Voters.Remove(machine.Address);
        cluster.Learners.Remove(machine.Address);
        if (cluster.Learners.Count > 0 || !HasQuorum(cluster))
        {
            return false;
        }

        cluster.Learners[machine.Address] = machine.Record.Name;
        machine.Record = machine.Record.JoinAs(new EtcdJoin { MemberId = 1, ClusterId = 1, InitialCluster = "" });
        machine.ClusterToken = token;
        return true;
    }

    private bool HasQuorum(SimulatedCluster cluster) => _machines.Count(machine => machine.EtcdRuns && machine.ClusterToken == cluster.Token
        && cluster.Voters.GetValueOrDefault(machine.Address) == machine.Record.Name) >= cluster.Quorum;

    private void StartEtcd(SimulatedMachine machine)
    {
        int incarnation = machine.Incarnation;
        At(_now + (_random.NextDouble() * 4), () =>
        {
            if (machine.Incarnation == incarnation)
            {
                machine.EtcdRuns = true;
                machine.HasData = true;
                machine.Record = machine.Record with { HasRun = true };
                Promote(machine, incarnation);
            }
        });
    }

    private void Promote(SimulatedMachine machine, int incarnation)
    {
        SimulatedCluster cluster = _clusters[machine.ClusterToken!];
        if (machine.Incarnation != incarnation || cluster.Learners.GetValueOrDefault(machine.Address) != machine.Record.Name)
        {
            return;
        }

        if (HasQuorum(cluster))
        {
            cluster.Learners.Remove(machine.Address);
            cluster.Voters[machine.Address] = machine.Record.Name;
            return;
        }

        At(_now + 1, () => Promote(machine, incarnation));
    }

    private PeerStatus StatusOf(SimulatedMachine machine) => new()
    {
        Cluster = Cluster,
        Size = _schedule.Size,
        Name = machine.Record.Name,
        Phase = machine.Record.Phase,
        Configuration = machine.Record.Configuration,
        Sees = machine.Sees.Addresses,
    };

    private VoidAnswer Promise(SimulatedMachine machine, EtcdConfiguration configuration)
    {
        (VoidAnswer word, machine.Record) = RendezvousRule.AnswerVoid(machine.Record, configuration, NewName());
        return word;
    }

    private void Ask<T>(SimulatedMachine from, string address, Func<SimulatedMachine, T> question, Action<T> answered)
    {
        int incarnation = from.Incarnation;
        SimulatedMachine? to = _machines.FirstOrDefault(machine => machine.Address == address);
        At(_now + Delay(), () =>
        {
            if (to is { Up: true } && !Lost() && !_cutLinks.Contains((from.Address, address)))
            {
                T answer = question(to);
                At(_now + Delay(), () =>
                {
                    if (!Lost() && from.Incarnation == incarnation)
                    {
                        answered(answer);
                    }
                });
            }
        });
    }

    private double Delay() => 0.001 + (_random.Next(10) == 0 ? _random.NextDouble() * 2 : _random.NextDouble() * 0.05);

    private bool Lost() => _now < Schedule.CalmAfter && _random.NextDouble() < _schedule.Loss;

    private string NewName() => $"n{_names++}";

    private void Log(string line) => _log.Add($"{_now,6:F1} {line}");

    private void At(double time, Action action) => _events.Enqueue(action, (time, _sequence++));
}
