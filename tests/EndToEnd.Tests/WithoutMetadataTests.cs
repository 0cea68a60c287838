using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Machines that get no metadata, or none that can be read.</summary>
public sealed class WithoutMetadataTests : IDisposable
{
    private readonly string _folder = BakedImage.RunFolder(nameof(WithoutMetadataTests));
    private readonly LabNetwork _network;

    public WithoutMetadataTests() => _network = new LabNetwork(Path.Combine(_folder, "network"));

    [Fact]
    public void A_machine_without_metadata_runs_with_no_failed_unit_and_says_what_it_looks_for()
    {
        using Machine machine = Machine.New(new MachineOptions { Name = "blank", Folder = _folder, Network = _network });
        SaysWhatItLooksFor(machine);
    }

    /// <summary>Among its devices are those that may hold a seed.</summary>
    [Fact]
    [Trait("Category", "Full")]
    public void A_machine_without_metadata_and_without_a_network_does_so_too_on_the_images_own_kernel()
    {
        using Machine machine = new VirtualMachine(new VirtualMachineOptions { Name = "alone", Folder = _folder });
        SaysWhatItLooksFor(machine);
    }

    [Fact]
    public void Broken_user_data_is_named_with_line_and_column_and_starts_nothing() => BrokenUserDataStartsNothing(MachineKind.Container);

    [Fact]
    [Trait("Category", "Full")]
    public void Broken_user_data_of_a_disc_is_named_so_too() => BrokenUserDataStartsNothing(MachineKind.Qemu);

    public void Dispose() => _network.Dispose();

    private static void SaysWhatItLooksFor(Machine machine)
    {
        machine.Start();
        machine.WaitFor("bootstrapper: waiting for metadata since .* s; looked for: .*NoCloud.*", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        machine.WaitFor(@"bootstrapper: waiting for metadata since (3\d|[4-9]\d|\d{3,}) s", 90);
    }

    private void BrokenUserDataStartsNothing(MachineKind kind)
    {
        ClusterSeeds seeds = new(Path.Combine(_folder, "cluster"));
        string userData = "#cloud-config\nnode:\n  cluster: demo\n  roles: [etcd]\n  sise: 3\n";
        using Machine machine = Machine.New(
            new MachineOptions
            {
                Name = "broken",
                Folder = _folder,
                Network = _network,
                Seed = seeds.Genisoimage("broken", userData, "instance-id: broken-1\n"),
                JournalOnConsole = true,
            },
            kind);
        machine.Start();
        machine.WaitFor(@"bootstrapper: .*user-data:5:3 .*sise", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("bootstrapper: role ");

        // SingleEtcdTests see these words on the console of a machine that has a role
        machine.WaitFor(@"systemd\[1\]: Starting ssh\.service", 1);
        machine.Console.Text.ShouldNotContain("roles.target");
        machine.Console.Text.ShouldNotMatch(@"systemd\[1\]: Start(ing|ed) (etcd|containerd|kube[a-z-]*|cluster-dns|cluster-names)\.service");
    }
}
