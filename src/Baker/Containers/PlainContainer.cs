using System.Collections.Immutable;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Elf;
using Images.Formats.Tar;
using Images.Formats.Tree;

namespace Images.Baker.Containers;

/// <summary>A container image of one plain layer: nothing compressed, nothing dated.</summary>
internal static class PlainContainer
{
    /// <param name="name">How pods call it.</param>
    /// <param name="entrypoint">The program's full path, then its arguments.</param>
    /// <param name="user">Numeric user, or user and group.</param>
    /// <param name="files">All that is in it.</param>
    /// <param name="origin">Where they come from, in words.</param>
    /// <param name="architecture">amd64.</param>
    /// <exception cref="BakeException">The program could not run with these files.</exception>
    public static ContainerImage Make(
        ContainerReference name, ImmutableArray<string> entrypoint, string user, FileTree files, string origin,
        string architecture)
    {
        RequireProgram(name, entrypoint[0], files);
        FileContent layer = TarArchive.Of(files);
        byte[] config = OciImageWriter.Config(architecture, entrypoint, user, layer.Digest, origin);
        OciDescriptor configDescriptor = new()
        {
            MediaType = OciMediaTypes.Config,
            Digest = Digest.Sha256(config),
            Size = config.Length,
        };
        byte[] manifest = OciImageWriter.Manifest(
            configDescriptor,
            [new OciDescriptor { MediaType = OciMediaTypes.PlainLayer, Digest = layer.Digest, Size = layer.Length }]);
        OciDescriptor target = new()
        {
            MediaType = OciMediaTypes.Manifest,
            Digest = Digest.Sha256(manifest),
            Size = manifest.Length,
        };
        return new ContainerImage
        {
            Name = name,
            Target = target,
            Blobs = new Dictionary<Digest, FileContent>
            {
                [target.Digest] = new MemoryContent(manifest),
                [configDescriptor.Digest] = new MemoryContent(config),
                [layer.Digest] = layer,
            },
        };
    }

    /// <summary>
    /// What cannot start in the container is refused here: on the node it would only say "no such file".
    /// </summary>
    private static void RequireProgram(ContainerReference name, string path, FileTree files)
    {
        if (files.Find(path) is not FileNode program || (program.Mode & 0b001_001_001) == 0)
        {
            throw new BakeException(
                "BAKE0612", name.ToString(), $"Its program {path} is no executable file among its files.",
                "Name the program's own path, not that of a link, in 'files' and 'entrypoint'.");
        }

        byte[] bytes = files.ReadFile(path);
        string? interpreter = ElfFile.IsElf(bytes) ? ElfFile.Parse(bytes, path).ReadInterpreter() : null;
        if (interpreter is not null && files.Find(interpreter) is null)
        {
            throw new BakeException(
                "BAKE0612", name.ToString(),
                $"Its program {path} is linked dynamically and needs {interpreter}, which is not among its files.",
                "Take a static program, or an image from an archive or a registry.");
        }
    }
}
