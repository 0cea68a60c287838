using Images.Baker.Containers.Oci;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Elf;
using Images.Formats.Tree;

namespace Images.Baker.Containers;

/// <summary>Makes a container image of one static program on disk, such as a release of CoreDNS.</summary>
internal static class BinaryContainer
{
    private const ushort X86 = 62; // EM_X86_64, System V ABI, AMD64 supplement

    /// <exception cref="BakeException">It cannot be read, or could not run.</exception>
    public static LockedContainer Lock(BinaryContainerPlan plan, string architecture)
    {
        HostFileContent program = Open(plan, pinned: null);
        Make(plan, program, architecture);
        return new LockedContainer { Name = plan.Name.ToString(), Digest = program.Digest, Size = program.Length };
    }

    /// <exception cref="BakeException">It cannot be read, or is not what is pinned.</exception>
    public static void Require(BinaryContainerPlan plan, Digest pinned) => Open(plan, pinned);

    /// <exception cref="BakeException">It cannot be read, is not what is pinned, or could not run.</exception>
    public static ContainerImage Make(BinaryContainerPlan plan, Digest pinned, string architecture) =>
        Make(plan, Open(plan, pinned), architecture);

    private static ContainerImage Make(BinaryContainerPlan plan, HostFileContent program, string architecture)
    {
        using (Stream stream = program.OpenRead())
        {
            byte[] bytes = new byte[program.Length];
            stream.ReadExactly(bytes);
            if (!ElfFile.IsElf(bytes) || ElfFile.Parse(bytes, plan.WrittenPath).Machine != X86)
            {
                throw new BakeException(
                    "BAKE0634", plan.WrittenPath, $"This is no program for {architecture}.",
                    "Name the program itself, unpacked, built for Linux on that architecture.");
            }
        }

        FileTreeBuilder tree = new(modifiedUnixSeconds: 0);
        tree.AddFile(plan.Program, program, 0b111_101_101);
        return PlainContainer.Make(
            plan.Name, [plan.Program, .. plan.Arguments], plan.User, tree.Build(), Path.GetFileName(plan.WrittenPath),
            architecture);
    }

    private static HostFileContent Open(BinaryContainerPlan plan, Digest? pinned)
    {
        try
        {
            HostFileContent program = new(plan.Binary);
            return pinned is null || program.Digest == pinned
                ? program
                : throw new BakeException(
                    "BAKE0632", plan.WrittenPath,
                    $"This is not the program that the lock pins: expected {pinned}, found {program.Digest}.",
                    "Restore it, or run 'baker lock' and commit the result.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0633", plan.WrittenPath,
                $"The program of the container image '{plan.Name}' cannot be read: {e.Message}",
                "Correct 'binary' in image.yaml.", inner: e);
        }
    }
}
