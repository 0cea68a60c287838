using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

public sealed class KubernetesFolderProgramsTests : IDisposable
{
    private static readonly ComponentVersion _version = new(1, 29, 3);
    private readonly TemporaryFolder _folder = new();

    public KubernetesFolderProgramsTests() => SampleKubernetes.WriteFolder(_folder.FullPath, "1.29.3");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_program_is_pinned_and_found_as_it_was_pinned()
    {
        LockedProgramFolder locked = Lock();
        locked.Version.ShouldBe("1.29.3");
        locked.Programs.Select(program => program.Name).ShouldBe(KubernetesProgramNames.All);
        locked.Programs[5].Digest.ShouldBe(Digest.Sha256(File.ReadAllBytes(_folder["kubelet"])));
        Open(locked).Inputs["kubelet"].ShouldBe(locked.Programs[5].Digest);
    }

    [Fact]
    public void A_program_that_was_changed_since_is_refused()
    {
        LockedProgramFolder locked = Lock();
        File.WriteAllBytes(_folder["kubelet"], [.. SampleKubernetes.Program("kubelet", "1.29.3"), 0]);
        BakeException error = Should.Throw<BakeException>(() => Open(locked));
        error.Message.ShouldStartWith($"BAKE0366  {_folder["kubelet"]}");
        error.Message.ShouldContain(locked.Programs[5].Digest.ToString());
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        File.Delete(_folder["kube-proxy"]);
        Should.Throw<BakeException>(Lock).Message.ShouldStartWith($"BAKE0367  {_folder["kube-proxy"]}  This program of Kubernetes is missing.");
    }

    [Fact]
    public void A_script_is_refused()
    {
        File.WriteAllText(_folder["kubectl"], "#!/bin/sh\n# v1.29.3\n");
        Should.Throw<BakeException>(Lock).Message.ShouldStartWith($"BAKE0364  {_folder["kubectl"]}");
    }

    [Fact]
    public void A_program_for_another_processor_is_refused()
    {
        byte[] program = SampleKubernetes.Program("kubectl", "1.29.3");
        program[18] = 183;
        File.WriteAllBytes(_folder["kubectl"], program);
        Should.Throw<BakeException>(Lock).Message.ShouldContain("machine type 183");
    }

    [Fact]
    public void A_program_of_another_release_is_refused()
    {
        File.WriteAllBytes(_folder["kube-scheduler"], SampleKubernetes.Program("kube-scheduler", "1.29.4"));
        Should.Throw<BakeException>(Lock).Message.ShouldStartWith($"BAKE0365  {_folder["kube-scheduler"]}");
    }

    [Theory]
    [InlineData((1 << 20) - 3)]
    [InlineData((1 << 20) - 1)]
    [InlineData((2 << 20) + 5)]
    public void The_release_is_found_wherever_it_stands(int offset)
    {
        byte[] program = SampleKubernetes.Program("kubectl", "1.29.3");
        byte[] far = new byte[offset + program.Length];
        program.AsSpan(0, program.Length - "v1.29.3".Length).CopyTo(far);
        "v1.29.3"u8.CopyTo(far.AsSpan(offset));
        File.WriteAllBytes(_folder["kubectl"], far);
        Lock().Programs.Single(pinned => pinned.Name == "kubectl").Size.ShouldBe(far.Length);
    }

    private LockedProgramFolder Lock() => KubernetesFolderPrograms.Lock(new KubernetesFolderPlan { Path = _folder.FullPath, Version = _version });

    private KubernetesFolderPrograms Open(LockedProgramFolder locked) => KubernetesFolderPrograms.Open(locked, _folder.FullPath);
}
