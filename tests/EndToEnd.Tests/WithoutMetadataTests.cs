using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>Machines that get no metadata, or none that can be read.</summary>
public sealed class WithoutMetadataTests
{
    private readonly string _folder = BakedImage.RunFolder(nameof(WithoutMetadataTests));

    [Fact]
    public void A_machine_without_metadata_runs_with_no_failed_unit_and_says_what_it_looks_for()
    {
        using VirtualMachine machine = new(new VirtualMachineOptions { Name = "blank", Folder = _folder });
        machine.Start();
        machine.WaitFor("bootstrapper: waiting for metadata since .* s; looked for: .*NoCloud.*", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        machine.WaitFor(@"bootstrapper: waiting for metadata since (3\d|[4-9]\d|\d{3,}) s", 90);
    }

    [Fact]
    public void Broken_user_data_is_named_with_line_and_column_and_starts_nothing()
    {
        ClusterSeeds seeds = new(Path.Combine(_folder, "cluster"));
        string userData = "#cloud-config\nnode:\n  cluster: demo\n  roles: [etcd]\n  sise: 3\n";
        using VirtualMachine machine = new(new VirtualMachineOptions
        {
            Name = "broken",
            Folder = _folder,
            Seed = seeds.Genisoimage("broken", userData, "instance-id: broken-1\n"),
            ExtraCommandLine = VirtualMachineOptions.JournalOnConsole,
        });
        machine.Start();
        machine.WaitFor(@"bootstrapper: .*user-data:5:3 .*sise", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("bootstrapper: role ");

        // SingleEtcdTests see these words on the console of a machine that has a role
        machine.WaitFor(@"systemd\[1\]: Starting ssh\.service", 1);
        machine.Console.Text.ShouldNotContain("roles.target");
        machine.Console.Text.ShouldNotMatch(@"systemd\[1\]: Start(ing|ed) (etcd|containerd|kube[a-z-]*|cluster-dns)\.service");
    }
}
