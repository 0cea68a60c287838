using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Images.Bootstrapper.Identity;

/// <summary>What the machine computes with.</summary>
/// <param name="Count">Those that this program may use.</param>
/// <param name="AreEmulated">A program plays them (QEMU's TCG), which takes some ten times as long.</param>
internal sealed record Processors(int Count, bool AreEmulated)
{
    /// <summary>
    /// Whether what takes another machine a second may take this one ten: a master is meant for two processors.
    /// </summary>
    public bool AreSlow => AreEmulated || Count < 2;

    public static Processors OfMachine { get; } = new(Environment.ProcessorCount, Hypervisor() == "TCGTCGTCGTCG");

    /// <summary>
    /// The name that a hypervisor gives itself, empty where there is none: leaf 0x40000000 of CPUID, if bit 31
    /// of ECX in leaf 1 says so (docs.kernel.org/virt/kvm/x86/cpuid.html). KVM's is "KVMKVMKVM", so QEMU's own
    /// tells emulation.
    /// </summary>
    private static string Hypervisor()
    {
        const int IsGuest = 31, Leaf = 0x40000000;
        if (!X86Base.IsSupported || (X86Base.CpuId(1, 0).Ecx >>> IsGuest) == 0)
        {
            return "";
        }

        (_, int ebx, int ecx, int edx) = X86Base.CpuId(Leaf, 0);
        Span<byte> name = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(name, ebx);
        BinaryPrimitives.WriteInt32LittleEndian(name[4..], ecx);
        BinaryPrimitives.WriteInt32LittleEndian(name[8..], edx);
        return System.Text.Encoding.ASCII.GetString(name).TrimEnd('\0');
    }
}
