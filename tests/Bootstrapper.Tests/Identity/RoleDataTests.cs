using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Identity;

public sealed class RoleDataTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    private readonly CompiledRoles _roles = CompiledRoles.Of([
        RoleFile.Parse("role: etcd\ndns: etcd\ndata: [/var/lib/etcd]\nservices: [{unit: etcd.service}]\n", "etcd.yaml"),
        RoleFile.Parse("role: worker\ndns: workers\ndata: [/var/lib/kubelet, /var/lib/kubelet/pki, /var/lib/etcd]\nservices: [{unit: kubelet.service}]\n", "worker.yaml"),
    ]);

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Two_roles_with_entries_of_one_name_are_set_aside_side_by_side()
    {
        NodeIdentity identity = Fill();
        new RoleData(_machine.Root, _roles).SetAside(identity).ShouldBe("/var/lib/bootstrapper-old/1");

        _machine.Get("/var/lib/bootstrapper-old/1/var/lib/etcd/pki/a").ShouldBe("of etcd");
        _machine.Get("/var/lib/bootstrapper-old/1/var/lib/kubelet/pki/a").ShouldBe("of kubelet");
        _machine.Get("/var/lib/bootstrapper-old/1/var/lib/bootstrapper/pki/a").ShouldBe("of bootstrapper");
        _machine.Has("/var/lib/bootstrapper-old/1" + NodePaths.Identity).ShouldBeTrue();
        File.GetUnixFileMode(_machine.Root["/var/lib/bootstrapper-old/1"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string folder in new[] { "/var/lib/etcd", "/var/lib/kubelet", "/var/lib/bootstrapper" })
        {
            Directory.GetFileSystemEntries(_machine.Root[folder]).ShouldBeEmpty();
        }
    }

    [Fact]
    public void What_is_set_aside_later_has_a_folder_of_its_own()
    {
        new RoleData(_machine.Root, _roles).SetAside(Fill());
        new RoleData(_machine.Root, _roles).SetAside(Fill()).ShouldBe("/var/lib/bootstrapper-old/2");
        _machine.Get("/var/lib/bootstrapper-old/2/var/lib/etcd/pki/a").ShouldBe("of etcd");
    }

    [Fact]
    public async Task Reset_says_where_earlier_data_lies_and_leaves_it_there()
    {
        new RoleData(_machine.Root, _roles).SetAside(Fill());
        _machine.Put(NodePaths.CompiledRoles, _roles.ToJson());
        Fill();
        using StringWriter output = new();
        (await ResetCommand.RunAsync(_machine.Root, output, confirmed: true)).ShouldBe(ExitCodes.Done);
        output.ToString().ShouldContain("/var/lib/bootstrapper-old/1 keeps what an earlier identity left (role etcd+worker, cluster demo.k8s); a reset does not touch it.");
        _machine.Has("/var/lib/bootstrapper-old/1/var/lib/etcd/pki/a").ShouldBeTrue();
        Directory.GetFileSystemEntries(_machine.Root["/var/lib/kubelet"]).ShouldBeEmpty();
        Directory.GetFileSystemEntries(_machine.Root["/var/lib/etcd"]).ShouldBeEmpty();
    }

    private NodeIdentity Fill()
    {
        _machine.Put("/var/lib/etcd/pki/a", "of etcd");
        _machine.Put("/var/lib/kubelet/pki/a", "of kubelet");
        _machine.Put("/var/lib/bootstrapper/pki/a", "of bootstrapper");
        NodeIdentity identity = new()
        {
            InstanceId = "i",
            Roles = ["etcd", "worker"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "h",
            Address = "10.0.0.11",
            FirstBoot = _machine.Time.GetUtcNow(),
        };
        new IdentityStore(_machine.Root).Save(identity, new StoredMetadata([1], [2]));
        return identity;
    }
}
