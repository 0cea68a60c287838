using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A real member that reaches its quota.</summary>
[Collection("etcd")]
public sealed class EtcdCareTests : IDisposable
{
    private const long Quota = 8 << 20;

    private readonly EtcdTestCluster _cluster = new(1);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_member_at_its_quota_takes_writes_again_once_it_has_forgotten_what_was()
    {
        EtcdTestNode node = _cluster.Nodes[0];
        node.Boot();
        await node.PrepareAsync(_cluster.Limit);
        node.StartEtcd(("ETCD_QUOTA_BACKEND_BYTES", $"{Quota}"));
        await _cluster.WaitHealthyAsync(node);
        string value = new('x', 100_000);
        int writes = 0;
        while (node.Etcdctl("put", "key", value).ExitCode == 0)
        {
            writes++.ShouldBeLessThan(200, "it never reaches its quota");
        }

        List<string> said = [];
        EtcdAccess access = EtcdNode.Access(node.Root, TimeProvider.System, TimeSpan.FromSeconds(30));
        EtcdCare care = new(
            node.Address, access, access, Quota, _ => Task.FromResult<string?>(null), new Narrator(said.Add), _ => { },
            TimeProvider.System);
        int looks = 0;
        while (await care.LookAsync(_cluster.Limit))
        {
            looks++.ShouldBeLessThan(10, string.Join('\n', said));
            await Task.Delay(TimeSpan.FromMilliseconds(300)); // etcd counts what is in use at its next commit, 0.1 s later
        }

        node.Etcdctl("put", "key", value).ExitCode.ShouldBe(0, _cluster.ToString());
        said[0].ShouldMatch(@"^etcd\.service: alarm NOSPACE of m-[0-9a-f]+ ");
        said[1].ShouldContain("forgot what was before revision");
        said[2].ShouldContain("wrote its database anew");
        said[3].ShouldBe("etcd.service: there is room in all members again, writes are taken");
    }
}
