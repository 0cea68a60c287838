using System.Text.Json;
using Images.Baker.Containers;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Tests.Boot.Initramfs;
using Images.Formats;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers;

public sealed class BinaryContainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BinaryContainerTests() => File.WriteAllBytes(_folder["coredns"], Program(interpreter: null));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Skopeo_and_umoci_find_the_program_and_how_it_is_started()
    {
        LockedContainer pinned = BinaryContainer.Lock(Plan(), "amd64");
        pinned.Digest.ShouldBe(Digest.Sha256(File.ReadAllBytes(_folder["coredns"])));
        FileTree files = ContainerLayers.Files(BinaryContainer.Make(Plan(), pinned.Digest, "amd64"), "test", 0);
        File.WriteAllBytes(_folder["app.tar"], files.ReadFile(files.Nodes.Keys.Single(path => path.Name.EndsWith(".tar", StringComparison.Ordinal)).Value));

        using JsonDocument config = JsonDocument.Parse(Judge.Run("skopeo", "inspect", "--config", $"oci-archive:{_folder["app.tar"]}:v1.12.1"));
        config.RootElement.GetProperty("config").GetProperty("Entrypoint").EnumerateArray().Select(item => item.GetString()).ShouldBe(["/coredns", "-conf", "/etc/coredns/Corefile"]);
        config.RootElement.GetProperty("config").GetProperty("User").GetString().ShouldBe("0:0");
        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{_folder["app.tar"]}:v1.12.1", $"oci:{_folder["copy"]}:1");
        Judge.Run("umoci", "unpack", "--rootless", "--image", $"{_folder["copy"]}:1", _folder["bundle"]);
        Judge.Run("cmp", _folder["bundle/rootfs/coredns"], _folder["coredns"]);
        Judge.Run("find", _folder["bundle/rootfs"], "-type", "f", "-perm", "755").Trim().ShouldBe(_folder["bundle/rootfs/coredns"]);
    }

    [Fact]
    public void A_program_that_is_another_missing_for_another_processor_or_not_static_is_refused()
    {
        Digest pinned = BinaryContainer.Lock(Plan(), "amd64").Digest;
        byte[] program = File.ReadAllBytes(_folder["coredns"]);
        File.WriteAllBytes(_folder["coredns"], [.. program, 0]);
        Refused(() => BinaryContainer.Require(Plan(), pinned)).ShouldStartWith("BAKE0632  bin/coredns");
        File.WriteAllBytes(_folder["coredns"], Program("/lib64/ld-linux-x86-64.so.2"));
        Refused(() => BinaryContainer.Lock(Plan(), "amd64")).ShouldContain("linked dynamically");
        program[18] = 183; // EM_AARCH64
        File.WriteAllBytes(_folder["coredns"], program);
        Refused(() => BinaryContainer.Lock(Plan(), "amd64")).ShouldStartWith("BAKE0634  bin/coredns");
        File.WriteAllText(_folder["coredns"], "#!/bin/sh\n");
        Refused(() => BinaryContainer.Lock(Plan(), "amd64")).ShouldStartWith("BAKE0634  bin/coredns");
        File.Delete(_folder["coredns"]);
        Refused(() => BinaryContainer.Lock(Plan(), "amd64")).ShouldStartWith("BAKE0633  bin/coredns");
    }

    private static byte[] Program(string? interpreter)
    {
        byte[] program = HandMadeProgram.Create(interpreter);
        program[18] = 62; // EM_X86_64
        return program;
    }

    private static string Refused(Action action)
    {
        BakeException refusal = Should.Throw<BakeException>(action);
        return $"{refusal.Code}  {refusal.Place}: {refusal.Message}";
    }

    private BinaryContainerPlan Plan() => new()
    {
        Name = ContainerReference.TryParse("registry.k8s.io/coredns/coredns:v1.12.1")!,
        Binary = _folder["coredns"],
        WrittenPath = "bin/coredns",
        Arguments = ["-conf", "/etc/coredns/Corefile"],
        User = "0:0",
    };
}
