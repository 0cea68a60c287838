using System.Diagnostics;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>Two masters of which one leads: what ends there is named at once, and the other leads soon.</summary>
public sealed class LeadersTests : IDisposable
{
    private const string Etcd = "10.240.0.11";
    private const string Leads = "kube-controller-manager";
    private static readonly string[] _masters = ["10.240.0.21", "10.240.0.22"];

    private readonly LabCluster _lab = new(BakedImage.RunFolder(nameof(LeadersTests)));

    public LeadersTests()
    {
        _lab.Network.SetRecords("etcd.demo.k8s", [Etcd]);
        _lab.Network.SetRecords("masters.demo.k8s", _masters);
    }

    [Fact]
    public void A_leader_that_is_killed_or_stopped_is_named_within_three_seconds_and_another_leads_within_twenty()
    {
        _lab.Start("etcd", _lab.Seeds.Role("etcd", 1), Etcd, 1024);
        string seed = _lab.Seeds.Role("master", size: null);
        Machine[] masters = [_lab.Start("master1", seed, _masters[0], 2048), _lab.Start("master2", seed, _masters[1], 2048)];
        foreach (Machine master in masters)
        {
            master.WaitFor($@"bootstrapper: ready: {Leads}\.service", 600);
        }

        Kubectl kubectl = _lab.Kubectl(_masters[0]);
        Dictionary<string, Machine> byName = masters.ToDictionary(master => Run(master, "hostname"), StringComparer.Ordinal);
        string first = WaitForLeader(kubectl, masters[0], 120, name => byName.ContainsKey(name));

        // killed
        Machine leader = byName[first];
        Run(leader, $"sudo systemctl kill --signal=KILL {Leads}.service");
        leader.WaitFor($@"bootstrapper: {Leads}\.service ended: signal 9", 3);
        string second = WaitForLeader(kubectl, masters[0], 20, name => name != first && byName.ContainsKey(name));
        leader.WaitFor($@"bootstrapper: ready again: {Leads}\.service", 60);
        string status = Run(leader, "sudo bootstrapper status");
        status.ShouldMatch($@"(?m)^service +{Leads}\.service: ready; ");
        status.ShouldMatch($@"(?m)^ended +{Leads}\.service ended: signal 9$");
        status.ShouldMatch($@"(?m)^needs +leader {Leads}: {second}$");
        status.ShouldMatch(@"(?m)^needs +etcd 10\.240\.0\.11: answers$");

        // stopped
        leader = byName[second];
        int before = leader.Console.Text.Length;
        Run(leader, $"sudo systemctl stop {Leads}.service");
        leader.WaitFor($@"bootstrapper: not ready any more: {Leads}\.service: ", 3, before);
        WaitForLeader(kubectl, masters[0], 20, name => name == first);
        Run(leader, "sudo bootstrapper status").ShouldMatch($@"(?m)^service +{Leads}\.service: stopped; ");

        // an API server that goes is not called ready for as long as it takes
        Run(leader, "sudo systemctl --no-block kill --signal=STOP kube-apiserver.service");
        Stopwatch asking = Stopwatch.StartNew();
        Run(leader, "sudo bootstrapper status").ShouldMatch(@"(?m)^service +kube-apiserver\.service: (?!ready)");
        asking.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        Run(leader, "sudo systemctl kill --signal=CONT kube-apiserver.service");
    }

    public void Dispose() => _lab.Dispose();

    private string Run(Machine machine, string command) => _lab.Run(machine, command).Trim();

    /// <summary>The host's name of whoever leads.</summary>
    private static string WaitForLeader(Kubectl kubectl, Machine machine, int seconds, Func<string, bool> isWanted)
    {
        static string Host(string holder) => holder.Trim().Split('_')[0];
        return Host(kubectl.WaitFor(
            "another leader", seconds, holder => isWanted(Host(holder)), machine, TimeSpan.FromMilliseconds(500),
            "get", "lease", "--namespace", "kube-system", Leads, "-o", "jsonpath={.spec.holderIdentity}"));
    }
}
