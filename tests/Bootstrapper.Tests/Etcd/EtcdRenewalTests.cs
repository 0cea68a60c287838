using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Certificates that live for seconds, under a cluster that must not notice.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdRenewalTests : IDisposable
{
    private static readonly TimeSpan _validity = TimeSpan.FromSeconds(30);

    private readonly EtcdTestCluster _cluster = new(
        3,
        new EtcdRhythm { Look = TimeSpan.FromSeconds(1), Survey = TimeSpan.FromSeconds(1) },
        new CertificateLife { Validity = _validity, Backdating = TimeSpan.Zero, Look = TimeSpan.FromSeconds(1), ClockLook = TimeSpan.FromSeconds(0.5) });

    private IReadOnlyList<EtcdTestNode> Nodes => _cluster.Nodes;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Certificates_are_renewed_at_two_thirds_of_their_life_and_etcd_shows_them_without_a_restart()
    {
        await _cluster.FormAsync();
        int?[] processes = [.. Nodes.Select(node => node.EtcdId)];
        string key = File.ReadAllText(Nodes[0].Root["/var/lib/bootstrapper/pki/etcd/server.key"]);
        DateTime firstEnds = Nodes.Max(node => Max(node, certificate => certificate.NotAfter)).ToUniversalTime();
        Nodes[0].Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, _cluster.ToString());

        while (DateTime.UtcNow < firstEnds + TimeSpan.FromSeconds(2)) // past the end of every certificate that the cluster began with
        {
            Nodes.ShouldAllBe(node => Max(node, certificate => certificate.NotBefore).AddSeconds(_validity.TotalSeconds) > DateTime.Now, _cluster.ToString());
            await Task.Delay(500, _cluster.Limit);
        }

        foreach (EtcdTestNode node in Nodes)
        {
            await ShowsWhatIsOnDiskAsync(node, EtcdPaths.ClientPort, "server");
            await ShowsWhatIsOnDiskAsync(node, EtcdPaths.PeerPort, "peer");
            node.Console.ToString().ShouldContain("certificate etcd-server renewed: less than a third of its life was left");
            node.Console.ToString().ShouldContain("certificate etcd-peer renewed: less than a third of its life was left");
        }

        Nodes.Select(node => node.EtcdId).ShouldBe(processes);
        File.ReadAllText(Nodes[0].Root["/var/lib/bootstrapper/pki/etcd/server.key"]).ShouldBe(key);
        Nodes[2].Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("hello", _cluster.ToString());
        await _cluster.WaitAsync(() => Nodes.All(node => node.Peers!.Peers.All(peer => peer.State == PeerStatusLine.Healthy)));

        Nodes[2].StopEtcd(); // every connection between peers is made anew, with what is on disk now
        Nodes[2].StartEtcd();
        await _cluster.WaitHealthyAsync(Nodes);
    }

    private static DateTime Max(EtcdTestNode node, Func<X509Certificate2, DateTime> of) => new[] { "server", "peer", "health-client" }.Max(name =>
    {
        using X509Certificate2 certificate = node.CertificateOnDisk(name);
        return of(certificate);
    });

    /// <summary>Asked again, because a renewal may fall between the two looks.</summary>
    private Task ShowsWhatIsOnDiskAsync(EtcdTestNode node, int port, string name) => _cluster.WaitAsync(() =>
    {
        using X509Certificate2 certificate = node.CertificateOnDisk(name);
        return node.ShownSerial(port) == certificate.SerialNumber;
    });
}
