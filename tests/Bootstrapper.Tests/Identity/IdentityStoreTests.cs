using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Identity;

public sealed class IdentityStoreTests
{
    private static readonly NodeIdentity _identity = new()
    {
        InstanceId = "i-1",
        Roles = ["etcd"],
        Cluster = "demo",
        Domain = "k8s",
        Hostname = "etcd-1",
        Address = "10.0.0.11",
        FirstBoot = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    [Fact]
    public void What_was_saved_is_loaded_and_secrets_are_private()
    {
        using TemporaryFolder folder = new();
        IdentityStore store = new(new NodeRoot(folder.FullPath));
        store.LoadIdentity().ShouldBeNull();
        store.LoadMetadata().ShouldBeNull();
        store.Save(_identity, new StoredMetadata([1, 2], [3]));
        NodeIdentity loaded = store.LoadIdentity()!;
        loaded.ShouldBe(_identity with { Roles = loaded.Roles });
        loaded.Roles.ShouldBe(["etcd"]);
        store.LoadMetadata()!.UserData.ShouldBe([1, 2]);
        File.GetUnixFileMode(Path.Join(folder.FullPath, NodePaths.Metadata, "user-data")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_power_cut_before_the_last_file_leaves_a_machine_without_identity()
    {
        using TemporaryFolder folder = new();
        IdentityStore store = new(new NodeRoot(folder.FullPath));
        store.Save(_identity, new StoredMetadata([1], [2]));
        string path = Path.Join(folder.FullPath, NodePaths.Identity);
        File.Move(path, path + ".partial"); // the moment before the rename
        store.LoadIdentity().ShouldBeNull();
        store.Save(_identity, new StoredMetadata([1], [2]));
        store.LoadIdentity()!.InstanceId.ShouldBe("i-1");
        File.Exists(path + ".partial").ShouldBeFalse();
    }

    [Fact]
    public void A_broken_identity_names_its_file_and_the_way_out()
    {
        using TemporaryFolder folder = new();
        IdentityStore store = new(new NodeRoot(folder.FullPath));
        store.Save(_identity, new StoredMetadata([1], [2]));
        File.WriteAllText(Path.Join(folder.FullPath, NodePaths.Identity), "{");
        Should.Throw<BootFailure>(store.LoadIdentity).Message.ShouldContain("/var/lib/bootstrapper/identity.json: the identity cannot be read");
    }
}
