using System.Buffers;
using System.Text;
using Images.Formats;
using Images.Formats.Elf;
using Images.NodeConfig.Roles;

namespace Images.Baker.Kubernetes;

/// <summary>
/// What can be said of a program without running it: that it is one for x86-64 Linux, and which release it calls
/// itself.
/// </summary>
internal static class KubernetesProgramCheck
{
    /// <summary>e_machine of x86-64.</summary>
    private const ushort X64 = 62;

    /// <summary>Linkers put the program headers and the interpreter's name at the start.</summary>
    private const int HeadBytes = 64 << 10;

    private const int BufferBytes = 1 << 20;

    /// <exception cref="BakeException">It is no such program, or holds another version's text.</exception>
    public static void Require(string path, ComponentVersion version)
    {
        using FileStream stream = File.OpenRead(path);
        ElfFile program = ReadHead(stream, path);
        if (program.Machine != X64)
        {
            throw NoProgram(path, $"it is for the machine type {program.Machine}, not for x86-64 ({X64})");
        }

        stream.Position = 0;
        if (!Holds(stream, Encoding.ASCII.GetBytes($"v{version}")))
        {
            throw new BakeException(
                "BAKE0365", path, $"The text 'v{version}' is nowhere in it, so it is not Kubernetes {version}.",
                "Correct 'version' in image.yaml, or put the right programs there.");
        }
    }

    /// <summary>Whether the program asks for no dynamic loader, and so for no library.</summary>
    public static bool IsStatic(Stream program, string name) => ReadHead(program, name).ReadInterpreter() is null;

    private static ElfFile ReadHead(Stream stream, string name)
    {
        byte[] head = new byte[HeadBytes];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        try
        {
            return ElfFile.Parse(head.AsMemory(0, length), name);
        }
        catch (MalformedDataException exception)
        {
            throw NoProgram(name, exception.Rule, exception);
        }
    }

    private static bool Holds(FileStream stream, byte[] text)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int kept = 0; ;)
            {
                int length = kept + stream.ReadAtLeast(buffer.AsSpan(kept), 1, throwOnEndOfStream: false);
                if (buffer.AsSpan(0, length).IndexOf(text) >= 0)
                {
                    return true;
                }

                if (length == kept)
                {
                    return false;
                }

                kept = Math.Min(length, text.Length - 1);
                buffer.AsSpan(length - kept, kept).CopyTo(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static BakeException NoProgram(string path, string why, Exception? inner = null) => new(
        "BAKE0364", path, $"This is no program for x86-64 Linux: {why.TrimEnd('.')}.", "Put the right programs there.",
        inner: inner);
}
