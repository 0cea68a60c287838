using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>
/// The same upgrade on a container, whose slots are files and whose loader is the launcher; everything else is the node's.
/// </summary>
public sealed class UpgradedContainerTests
{
    private const string Good = "0.2.0";
    private const string Bad = "0.3.0";
    private const string Better = "0.4.0";
    private const int Patience = 60;

    /// <summary>Of an upgrade: its kernel image and some of its root.</summary>
    private const int Part = 90_000_000;

    private readonly string _folder = BakedImage.RunFolder(nameof(UpgradedContainerTests));

    [Fact]
    public void It_is_the_old_image_or_the_new_one_wherever_the_power_goes_and_comes_back_by_itself_from_one_that_is_not_well()
    {
        string good = OtherImages.BakeSlow(_folder, Good), bad = OtherImages.BakeAiling(_folder, Bad);
        using UpgradedMachine machine = new(_folder, MachineKind.Container, Patience);
        machine.Begin();

        machine.CutWithin(good, Part);
        machine.Boot("bootstrapper: ready: etcd.service");
        machine.Console.ShouldNotContain("this boot is counted");
        machine.Status.ShouldMatch(@"image     0\.1\.0\S*, slot a, node-1\.conf\n");
        machine.ShouldBeItself();

        machine.Upgrade(good).ShouldContain($"the next boot tries image {Good} (node-2+3.conf, 3 tries)");
        machine.Machine.CutPower(); // before its restart
        machine.Boot(@"this boot is counted: \\loader\\entries\\node-2\+2-1.conf");
        machine.Machine.CutPower(); // on trial
        machine.Boot(@"this boot is counted: \\loader\\entries\\node-2\+1-2.conf");
        machine.ShouldBeKept(Good, "slot b, node-2.conf");
        machine.Upgrade(good).ShouldContain($"image {Good} runs already");

        machine.Upgrade(bad).ShouldContain($"the next boot tries image {Bad} (node-3+3.conf, 3 tries)");
        machine.Restart();
        machine.ShouldComeBackFrom(Bad, 3);
        machine.Status.ShouldContain($"image     {Good}, slot b, node-2.conf\n");
        machine.Upgrade(bad).ShouldContain("NODE0808");
    }

    [Fact]
    [Trait("Category", "Full")]
    public void It_goes_on_to_a_third_image_in_the_slot_of_the_first_and_back_to_the_second_when_it_is_told_to()
    {
        string good = OtherImages.Bake(_folder, Good), better = OtherImages.Bake(_folder, Better);
        using UpgradedMachine machine = new(_folder, MachineKind.Container, Patience);
        machine.Begin();
        machine.Rollback().ShouldContain("NODE0812");
        foreach ((string image, string file, string slot, int number) in
            (ValueTuple<string, string, string, int>[])[(Good, good, "b", 2), (Better, better, "a", 3), (Good, good, "b", 4), (Better, better, "a", 5)])
        {
            machine.Upgrade(file).ShouldContain($"the next boot tries image {image} (node-{number}+3.conf, 3 tries)");
            machine.Restart();
            machine.Boot($@"this boot is counted: .loader.entries.node-{number}\+2-1.conf");
            machine.ShouldBeKept(image, $"slot {slot}, node-{number}.conf");
        }

        machine.Rollback().ShouldContain($"the next boot starts node {Good} from slot b (node-6.conf)");
        machine.Restart();
        machine.Boot("bootstrapper: ready: etcd.service");
        machine.Status.ShouldContain($"image     {Good}, slot b, node-6.conf\n");
        machine.ShouldBeItself();
    }
}
