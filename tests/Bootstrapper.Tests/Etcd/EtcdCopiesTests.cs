using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>The copy that is kept before a newer etcd opens the data: judged by restoring from it.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdCopiesTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly List<string> _said = [];
    private long _free = long.MaxValue;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_newer_etcd_finds_a_copy_kept_and_the_data_can_be_restored_from_it()
    {
        using EtcdTestCluster cluster = new(1);
        EtcdTestNode node = cluster.Nodes[0];
        await cluster.FormAsync();
        node.Console.ToString().ShouldNotContain("kept a copy");
        Version version = await node.Etcd.VersionAsync(cluster.Limit);
        new EtcdRecordStore(node.Root).Load().DataVersion.ShouldBe(version.ToString());
        node.Etcdctl("put", "greeting", "old").ExitCode.ShouldBe(0, cluster.ToString());
        node.StopEtcd();

        node.Etcd = new EtcdProgram(Script(node, "etcd Version: 99.1.0"));
        await node.PrepareAsync(cluster.Limit);
        string copies = node.Root[EtcdPaths.Copies];
        string copy = Directory.GetDirectories(copies).ShouldHaveSingleItem();
        Path.GetFileName(copy).ShouldMatch($@"^\d{{8}}T\d{{6}}Z-{version}-to-99\.1\.0$");
        File.GetUnixFileMode(copies).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string line = $"etcd.service: kept a copy of the data ({version}) before etcd 99.1.0 opens them: {EtcdPaths.Copies}/{Path.GetFileName(copy)}";
        node.Console.ToString().ShouldContain(line);
        File.ReadAllText(node.Root[NodeConfig.NodePaths.Trace]).ShouldContain($"kept a copy of the data ({version})");

        node.StartEtcd();
        await cluster.WaitHealthyAsync(node);
        node.Etcdctl("put", "greeting", "new").ExitCode.ShouldBe(0, cluster.ToString());
        node.StopEtcd();
        await node.PrepareAsync(cluster.Limit); // the same etcd once more: nothing to keep
        Directory.GetDirectories(copies).ShouldBe([copy]);

        Restore(node, copy);
        node.StartEtcd(("ETCD_FORCE_NEW_CLUSTER", "true"));
        await cluster.WaitHealthyAsync(node);
        node.Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("old", cluster.ToString());
        node.StopEtcd();
        node.StartEtcd();
        await cluster.WaitHealthyAsync(node);
        node.Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("old", cluster.ToString());
    }

    [Fact]
    public async Task The_last_two_copies_are_kept_and_one_cut_short_is_none()
    {
        PutData("first");
        await KeepAsync("3.4.23");
        _said.ShouldBe([$"etcd.service: kept a copy of the data (of an unknown etcd) before etcd 3.4.23 opens them: {EtcdPaths.Copies}/20260102T030405Z-unknown-to-3.4.23"]);
        _machine.Put($"{EtcdPaths.Copies}/20260102T030405Z-3.4.23-to-3.5.16.partial/member/snap/db", "half");
        _machine.Time.Advance(TimeSpan.FromDays(1));
        await KeepAsync("3.5.16");
        _machine.Time.Advance(TimeSpan.FromDays(1));
        PutData("third");
        await KeepAsync("3.6.1");
        await KeepAsync("3.6.1");
        Names().ShouldBe(["20260103T030405Z-3.4.23-to-3.5.16", "20260104T030405Z-3.5.16-to-3.6.1"]);
        _machine.Get($"{EtcdPaths.Copies}/{Names()[0]}/member/snap/db").ShouldBe("first");
        _machine.Get($"{EtcdPaths.Copies}/{Names()[1]}/member/snap/db").ShouldBe("third");
        _machine.Has($"{EtcdPaths.Copies}/{Names()[1]}/member/wal/1.wal").ShouldBeTrue();
        _machine.Has($"{EtcdPaths.Copies}/{Names()[1]}/member/wal/0.tmp").ShouldBeFalse();
    }

    [Fact]
    public async Task An_older_etcd_over_newer_data_is_said_and_nothing_is_copied()
    {
        await KeepAsync("3.6.1");
        PutData("new");
        await KeepAsync("3.5.16");
        _said.ShouldBe(["etcd.service: etcd 3.6.1 has opened these data and this image has 3.5.16, which may refuse them"]);
        Names().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_room_the_oldest_copy_goes_and_then_etcd_waits_and_says_how_much_it_needs()
    {
        PutData("data");
        await KeepAsync("3.4.23");
        _machine.Time.Advance(TimeSpan.FromDays(1));
        await KeepAsync("3.5.16");
        Names().Length.ShouldBe(2);

        _free = 100L << 20;
        using CancellationTokenSource stop = new();
        List<string> waits = [];
        await Should.ThrowAsync<OperationCanceledException>(KeepAsync("3.6.1", waits.Add, stop));
        waits.ShouldBe([
            "257 MiB for a copy of the data of etcd 3.5.16, before etcd 3.6.1 opens them: 100 MiB are free; give the machine a larger disk, or delete older copies in /var/lib/bootstrapper/etcd/copies",
        ]);
        Names().ShouldHaveSingleItem().ShouldEndWith("-3.4.23-to-3.5.16");
        new EtcdRecordStore(_machine.Root).Load().DataVersion.ShouldBe("3.5.16", "the newer one has opened nothing");
    }

    [Theory]
    [InlineData("etcd Version: 3.6.0-rc.1", "3.6.0")]
    [InlineData("etcd Version: 3.5.16", "3.5.16")]
    public async Task The_version_is_read_from_etcds_own_words(string words, string version)
    {
        _machine.Put("/etcd", $"#!/bin/sh\necho '{words}'\necho 'Git SHA: none'\n");
        File.SetUnixFileMode(_machine.Root["/etcd"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await new EtcdProgram(_machine.Root["/etcd"]).VersionAsync(CancellationToken.None)).ToString().ShouldBe(version);
    }

    [Fact]
    public async Task An_etcd_that_is_missing_is_named() =>
        (await Should.ThrowAsync<BootFailure>(new EtcdProgram("/nowhere/etcd").VersionAsync(CancellationToken.None))).Message.ShouldStartWith("NODE0403  /nowhere/etcd: ");

    private static string Script(EtcdTestNode node, string words)
    {
        string path = node.Root["/other-etcd"];
        File.WriteAllText(path, $"#!/bin/sh\necho '{words}'\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>As docs/etcd-data.md says.</summary>
    private static void Restore(EtcdTestNode node, string copy)
    {
        Directory.Move(node.Root[EtcdPaths.Member], node.Root[EtcdPaths.DataFolder + "/before"]);
        Judge.Run("cp", "-a", Path.Join(copy, "member"), node.Root[EtcdPaths.Member]);
    }

    private void PutData(string content)
    {
        _machine.Put(EtcdPaths.Member + "/snap/db", content);
        _machine.Put(EtcdPaths.Log + "/1.wal", content);
        _machine.Put(EtcdPaths.Log + "/0.tmp", "allocated ahead");
    }

    private string[] Names() => Directory.Exists(_machine.Root[EtcdPaths.Copies])
        ? [.. Directory.GetDirectories(_machine.Root[EtcdPaths.Copies]).Select(copy => Path.GetFileName(copy)!).Order(StringComparer.Ordinal)]
        : [];

    private Task KeepAsync(string version) => KeepAsync(version, wait => Assert.Fail(wait), stop: null);

    private Task KeepAsync(string version, Action<string> onWait, CancellationTokenSource? stop) =>
        new EtcdCopies(_machine.Root, new EtcdRecordStore(_machine.Root), () => _free, new Narrator(_said.Add), _machine.Time).KeepBeforeAsync(
            Version.Parse(version),
            (what, lastSeen) =>
            {
                onWait($"{what}: {lastSeen}");
                stop?.Cancel();
            },
            stop?.Token ?? CancellationToken.None);
}
