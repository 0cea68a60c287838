using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>One machine that is etcd, master and worker: from its seed to pods that answer.</summary>
[Collection(AloneGroup.Name)]
public sealed class AllInOneTests
{
    private readonly string _folder = BakedImage.RunFolder(nameof(AllInOneTests));

    [Fact]
    public void A_machine_becomes_a_whole_cluster_whose_pods_run_and_answer() => BecomesAWholeCluster(new LoneMachineOptions());

    [Fact]
    [Trait("Category", "Full")]
    public void On_the_images_own_kernel_it_does_so_too() => BecomesAWholeCluster(new LoneMachineOptions { Kind = MachineKind.Qemu });

    /// <summary>Also on the image's own kernel, and the one case of that in every run.</summary>
    [Fact]
    public void A_single_machine_does_so_on_a_network_without_a_name_server() =>
        BecomesAWholeCluster(new LoneMachineOptions { Kind = MachineKind.Qemu, IsSingle = true, IsOnUserNetwork = true });

    private void BecomesAWholeCluster(LoneMachineOptions options)
    {
        using LoneMachine one = new(_folder, options);
        new WholeCluster(_folder, one).StartAndJudge();
    }
}
