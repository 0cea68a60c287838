using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>One machine and three images: the build's, the same with another version, and one in which a service fails.</summary>
public sealed class UpgradeTests : IDisposable
{
    private const string Good = "0.2.0";
    private const string Bad = "0.3.0";

    /// <summary>Twice the root, its emulated processor and a host that does other things.</summary>
    private const int Patience = 600;

    private readonly string _folder = BakedImage.RunFolder(nameof(UpgradeTests));
    private readonly LoneMachine _lone;
    private readonly EtcdClient _client;

    public UpgradeTests()
    {
        _lone = new LoneMachine(_folder, new LoneMachineOptions { Kind = MachineKind.Qemu, Roles = "etcd" });
        _client = new EtcdClient(_lone.Network, _lone.Seeds);
    }

    public void Dispose() => _lone.Dispose();

    [Fact]
    [Trait("Category", "Full")]
    public void A_machine_takes_a_good_image_by_ssh_and_keeps_its_data_and_comes_back_by_itself_from_one_that_is_not_well()
    {
        string good = BakeAs(Good, project => { });
        string bad = BakeAs(Bad, project =>
        {
            File.WriteAllText(
                Path.Combine(project, "roles/common/units/ailing.service"),
                "[Unit]\nDescription=Fails\n[Service]\nType=oneshot\nExecStart=/usr/bin/false\n[Install]\nWantedBy=multi-user.target\n");
            Replace(Path.Combine(project, "roles/common/common.yaml"), "\nenable:\n", "\nenable:\n  - ailing.service\n");
        });

        Boot("bootstrapper: ready: etcd.service");
        _lone.Machine.WaitFor("bootstrapper: system: running, 0 failed units", Patience);
        string machineId = _lone.Run("cat /etc/machine-id");
        _client.Run([LoneMachine.Address], "put", "greeting", "hello").ShouldContain("OK");
        Status().ShouldContain("image     0.1.0");
        Status().ShouldContain(", slot a, ");

        Upgrade(good).ShouldContain($"the next boot tries image {Good} (node-2+3.conf, 3 tries)");
        Restart();
        Boot($"bootstrapper: image {Good}, slot b, node-2.conf is kept");
        _lone.Machine.WaitFor("bootstrapper: ready: etcd.service", Patience);
        string console = _lone.Machine.Console.Text;
        console.ShouldContain(@"this boot is counted: \loader\entries\node-2+2-1.conf");
        console.IndexOf("is kept", StringComparison.Ordinal).ShouldBeLessThan(console.IndexOf("ready: etcd.service", StringComparison.Ordinal), "no role starts on trial");
        Status().ShouldContain($"image     {Good}, slot b, node-2.conf\n");
        _lone.SystemHealth().ShouldBe(("running", ""));
        _lone.Run("cat /etc/machine-id").ShouldBe(machineId);
        _client.Run([LoneMachine.Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
        Upgrade(good).ShouldContain($"image {Good} runs already");

        Upgrade(bad).ShouldContain($"the next boot tries image {Bad} (node-3+3.conf, 3 tries)");
        Restart();
        for (int left = 2; left >= 0; left--)
        {
            Boot($"this boot is counted: .loader.entries.node-3\\+{left}-{3 - left}.conf");
            _lone.Machine.WaitFor($"bootstrapper: NODE0814  image {Bad}: ailing.service has failed", Patience);
            _lone.Machine.WaitForEnd(Patience);
            _lone.Machine.Console.Text.ShouldNotContain("ready: etcd.service");
        }

        Boot($"bootstrapper: image {Bad} was tried 3 times and given up: NODE0814  image {Bad}: ailing.service has failed");
        _lone.Machine.WaitFor("bootstrapper: ready: etcd.service", Patience);
        Status().ShouldContain($"image     {Good}, slot b, node-2.conf\n");
        Status().ShouldContain($"upgrade   image {Bad} was tried 3 times and given up: NODE0814");
        _client.Run([LoneMachine.Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
        Upgrade(bad).ShouldContain("NODE0808");
    }

    private void Boot(string line)
    {
        _lone.Machine.Start();
        _lone.Machine.WaitFor(line, Patience);
    }

    private void Restart()
    {
        _lone.Machine.Ssh(_lone.Seeds.SshKey, "sudo systemctl --no-block reboot", mayFail: true);
        _lone.Machine.WaitForEnd(Patience); // QEMU ends where a machine would begin anew
    }

    private string Status() => _lone.Run("sudo bootstrapper status");

    /// <returns>What the command said, whether or not it did it.</returns>
    private string Upgrade(string file) => _lone.Machine.Ssh(
        _lone.Seeds.SshKey, "sudo bootstrapper upgrade - --no-reboot 2>&1", mayFail: true, input: File.ReadAllBytes(file));

    /// <returns>The upgrade that the bake leaves beside the disk.</returns>
    private string BakeAs(string version, Action<string> change)
    {
        string project = Path.Combine(_folder, version);
        Judge.Run("rm", "-rf", project);
        Directory.CreateDirectory(project);
        Judge.Run("cp", ["-r", .. ((string[])["image.yaml", "image.lock.json", "roles", "keys"]).Select(input => Path.Combine(Checkout.Folder, input)), project]);
        string plan = Path.Combine(project, "image.yaml"), output = Path.Combine(project, "out");
        Replace(plan, "\nversion: 0.1.0\n", $"\nversion: {version}\n");
        change(project);
        Judge.Run("dotnet",
        [
            BakedImage.Baker, "bake", plan, "--bootstrapper", Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper"), "--out", output,
            "--kubernetes", "none",
        ]);
        return Directory.GetFiles(output, "*.upgrade").ShouldHaveSingleItem();
    }

    private static void Replace(string file, string text, string by)
    {
        string content = File.ReadAllText(file);
        content.ShouldContain(text);
        File.WriteAllText(file, content.Replace(text, by, StringComparison.Ordinal));
    }
}
