namespace Images.Formats.Ar;

/// <summary>Reads the table of members of an ar archive in the common format, as deb(5) restricts it.</summary>
public static class ArReader
{
    private const int MaximumMembers = 1024;

    private static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    /// <summary>
    /// The members in their order. Leaves the stream open, which must stay so while members are read.
    /// </summary>
    /// <param name="archive">Seekable; read from its beginning to its end.</param>
    /// <param name="name">What the errors call the archive.</param>
    /// <exception cref="MalformedDataException">Not an ar archive, or one beyond deb(5)'s subset.</exception>
    public static IReadOnlyList<ArMember> Read(Stream archive, string name)
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        archive.Position = 0;
        if (archive.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length
            || !magic.SequenceEqual(Magic))
        {
            throw new MalformedDataException(name, 0, "no ar archive begins here (wrong magic)");
        }

        List<ArMember> members = [];
        long position = magic.Length;
        while (position < archive.Length)
        {
            if (members.Count == MaximumMembers)
            {
                throw new MalformedDataException(name, position, $"the archive has more than {MaximumMembers} members");
            }

            ArMember member = ReadMember(archive, position, name);
            members.Add(member);
            position = member.Offset + member.Size + (member.Size % 2);
        }

        return members;
    }

    private static ArMember ReadMember(Stream archive, long position, string name)
    {
        byte[] bytes = new byte[ArHeader.Size];
        archive.Position = position;
        if (archive.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new MalformedDataException(name, position, "the archive ends within a member's header (truncated)");
        }

        ArHeader header = ArHeader.Read(bytes, name, position);
        long offset = position + ArHeader.Size;
        long end = offset + header.ContentSize;
        if (end + (header.ContentSize % 2) > archive.Length)
        {
            throw new MalformedDataException(
                name, position, $"the archive ends within the member '{header.Name}' (truncated)");
        }

        if (header.ContentSize % 2 != 0)
        {
            archive.Position = end;
            if (archive.ReadByte() != '\n')
            {
                throw new MalformedDataException(name, end, $"the member '{header.Name}' is not padded with a newline");
            }
        }

        return new ArMember(archive)
        {
            Name = header.Name,
            Offset = offset,
            Size = header.ContentSize,
            ModifiedUnixSeconds = header.ModifiedUnixSeconds,
            Uid = header.Uid,
            Gid = header.Gid,
            Mode = header.Mode,
        };
    }
}
