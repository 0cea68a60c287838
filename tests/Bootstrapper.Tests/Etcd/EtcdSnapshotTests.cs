using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Snapshots of real members: taken, proven, refused, and a cluster that begins with one.</summary>
[Collection("etcd")]
public sealed class EtcdSnapshotTests : IDisposable
{
    private readonly EtcdTestCluster _cluster = new(3, new EtcdRhythm { Look = TimeSpan.FromSeconds(0.5) });

    private IReadOnlyList<EtcdTestNode> Nodes => _cluster.Nodes;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_snapshot_is_taken_proven_and_kept_and_one_that_is_damaged_is_refused()
    {
        await _cluster.FormAsync();
        Put(Nodes[0], 25);

        (string file, EtcdSnapshotProof proof) = await Snapshots(Nodes[0]).TakeAsync(_cluster.Limit);

        proof.Keys.ShouldBe(25);
        Path.GetFileName(file).ShouldEndWith(string.Create(CultureInfo.InvariantCulture, $"-{proof.Revision}.db"));
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.Exists(Nodes[0].Root[EtcdPaths.Drill]).ShouldBeFalse("nothing is left of the trial");
        Directory.GetFiles(Nodes[0].Root[EtcdPaths.Snapshots]).ShouldBe([file]);

        byte[] bytes = await File.ReadAllBytesAsync(file, _cluster.Limit);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, _cluster.Limit);
        EtcdSnapshotDrill drill = Drill(Nodes[0]);
        (await Should.ThrowAsync<EtcdSnapshotException>(drill.ProveAsync(file, (_, _) => Task.FromResult<long?>(null), _cluster.Limit)))
            .Message.ShouldBe("it is damaged: its digest is another one");
        await File.WriteAllBytesAsync(file, bytes[..^100], _cluster.Limit);
        (await Should.ThrowAsync<EtcdSnapshotException>(drill.ProveAsync(file, (_, _) => Task.FromResult<long?>(null), _cluster.Limit)))
            .Message.ShouldContain("a part of one");
    }

    [Fact]
    public async Task A_snapshot_with_other_keys_than_the_member_had_is_not_proven()
    {
        await _cluster.FormAsync();
        Put(Nodes[0], 3);
        (string file, _) = await Snapshots(Nodes[0]).TakeAsync(_cluster.Limit);

        (await Should.ThrowAsync<EtcdSnapshotException>(Drill(Nodes[0]).ProveAsync(file, (_, _) => Task.FromResult<long?>(4), _cluster.Limit)))
            .Message.ShouldBe("restored it has 3 keys, and the member had 4");
    }

    [Fact]
    public async Task After_the_loss_of_all_data_one_member_is_restored_and_the_others_join_it()
    {
        await _cluster.FormAsync();
        Put(Nodes[0], 12);
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
        try
        {
            EtcdSnapshotProof proof = await Snapshots(Nodes[0]).TakeToAsync(file, _cluster.Limit);
            foreach (EtcdTestNode node in Nodes)
            {
                node.Wipe();
            }

            EtcdTestNode first = Nodes[1];
            first.Boot();
            NodeState state = NodeState.Load(first.Root);
            EtcdRestore restore = new(first.Root, state, Tool, TimeProvider.System);
            (await restore.FindOthersAsync(_cluster.Limit)).ShouldBeEmpty();
            (await restore.RunAsync(file, await first.Etcd.VersionAsync(_cluster.Limit), _cluster.Limit)).ShouldBeNull();
            await first.PrepareAsync(_cluster.Limit);
            first.StartEtcd();
            await _cluster.WaitHealthyAsync(first);
            foreach (EtcdTestNode node in Nodes.Where(node => node != first))
            {
                node.Boot();
                await node.PrepareAsync(_cluster.Limit);
                node.StartEtcd();
            }

            await _cluster.WaitHealthyAsync(Nodes);
            JudgeResult read = Nodes[2].Etcdctl("get", "key", "--prefix", "--keys-only");
            read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(12, _cluster.ToString());
            if (Judge.Run("etcdctl", "snapshot", "restore", "--help").Contains("--bump-revision")) // the image's can, Debian 12's cannot
            {
                JudgeResult status = first.Etcdctl("endpoint", "status", "--write-out=fields");
                status.Output.ShouldMatch("\"Revision\" : 1[0-9]{9}", "clients must not see revisions again that they have seen");
            }

            proof.Revision.ShouldBeLessThan(1_000_000_000);
            (await new EtcdRestore(Nodes[0].Root, NodeState.Load(Nodes[0].Root), Tool, TimeProvider.System)
                .FindOthersAsync(_cluster.Limit)).ShouldBe([Nodes[1].Address, Nodes[2].Address], "there would be two clusters now");
            _cluster.Dns = [];
            await Task.Delay(TimeSpan.FromSeconds(3), _cluster.Limit); // an answer counts for a moment
            (await Should.ThrowAsync<BootFailure>(new EtcdRestore(first.Root, NodeState.Load(first.Root), Tool, TimeProvider.System)
                .FindOthersAsync(_cluster.Limit))).Code.ShouldBe("NODE0408", "nobody says who else could run");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static EtcdSnapshotTool Tool => new(Judge.Find("etcdctl"));

    private static void Put(EtcdTestNode node, int keys)
    {
        for (int number = 0; number < keys; number++)
        {
            node.Etcdctl("put", $"key{number}", "value").ExitCode.ShouldBe(0, node.ToString());
        }
    }

    private static EtcdSnapshotDrill Drill(EtcdTestNode node) => new(
        node.Root, Tool, Judge.Find("etcd"), EtcdNode.Access(node.Root, TimeProvider.System), () => long.MaxValue, TimeProvider.System);

    private static EtcdSnapshots Snapshots(EtcdTestNode node) => new(
        node.Root, node.Address, EtcdNode.Access(node.Root, TimeProvider.System), Drill(node), new EtcdSnapshotSettings(),
        () => (1L << 40, 1L << 40), new Narrator(_ => { }), TimeProvider.System);
}
