using System.Buffers;
using System.Collections;

namespace Images.Formats.Tar;

/// <summary>
/// Reads a tar archive, forwards and once: ustar, pax and GNU long names. An entry's content is to be read before the
/// next entry is asked for. At the end the stream was read to its own end, so that a decompressor below has checked
/// everything. Leaves the stream open.
/// </summary>
/// <param name="stream">Need not be seekable.</param>
/// <param name="name">What the errors call the archive.</param>
/// <exception cref="MalformedDataException">
/// While enumerating: not a whole, sound tar archive, or one with an entry that is not understood.
/// </exception>
public sealed class TarReader(Stream stream, string name) : IEnumerable<TarEntry>
{
    private const int MaximumNameBytes = 64 << 10;
    private const int MaximumPaxBytes = 1 << 20;

    private readonly byte[] _block = new byte[TarHeader.Size];
    private PaxAttributes _global = new();
    private long _position;
    private long _entryOffset = -1;
    private long _contentSize;
    private long _contentLeft;
    private bool _begun;

    public IEnumerator<TarEntry> GetEnumerator()
    {
        if (_begun)
        {
            throw new InvalidOperationException("A tar archive is read once.");
        }

        _begun = true;
        return ReadEntries();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads from the content of the entry whose header stands at <paramref name="entryOffset"/>.</summary>
    internal int ReadContent(long entryOffset, Span<byte> buffer)
    {
        if (entryOffset != _entryOffset)
        {
            throw new InvalidOperationException("The tar reader has moved on to another entry.");
        }

        int wanted = (int)Math.Min(buffer.Length, _contentLeft);
        if (wanted == 0)
        {
            return 0;
        }

        int read = stream.ReadAtLeast(buffer[..wanted], 1, throwOnEndOfStream: false);
        _position += read;
        _contentLeft -= read;
        return read > 0 ? read : throw Malformed("the archive ends within a file's content (truncated)");
    }

    private IEnumerator<TarEntry> ReadEntries()
    {
        while (ReadEntry() is TarEntry entry)
        {
            yield return entry;
        }
    }

    private TarEntry? ReadEntry()
    {
        SkipContent();
        PaxAttributes? local = null;
        string? longPath = null, longLink = null;
        while (true)
        {
            long offset = _position;
            ReadBlock();
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                ReadEnd();
                return local is null && longPath is null && longLink is null
                    ? null
                    : throw new MalformedDataException(
                        name, offset, "the archive ends after an extended header that belongs to no entry");
            }

            TarHeader header = TarHeader.Read(_block, name, offset);
            switch (header.Type)
            {
                case 'g':
                    _global = _global.With(ReadExtension(header, MaximumPaxBytes), name, offset);
                    break;
                case 'x' when local is null:
                    local = _global.With(ReadExtension(header, MaximumPaxBytes), name, offset);
                    break;
                case 'L' when longPath is null:
                    longPath = ReadLongName(header, offset);
                    break;
                case 'K' when longLink is null:
                    longLink = ReadLongName(header, offset);
                    break;
                default:
                    return BuildEntry(header, local ?? _global, longPath, longLink, offset);
            }
        }
    }

    private TarEntry BuildEntry(in TarHeader header, PaxAttributes pax, string? longPath, string? longLink, long offset)
    {
        string path = pax.Path ?? longPath ?? header.Path;
        TarEntryKind kind = TarEntryTypes.KindOf(header.Type) ?? throw new MalformedDataException(
            name,
            offset,
            $"the entry '{path}' is of a type that is not supported: {TarEntryTypes.Describe(header.Type)}");
        bool isFile = kind == TarEntryKind.File, isLink = kind is TarEntryKind.HardLink or TarEntryKind.Symlink;
        string target = isLink ? pax.LinkTarget ?? longLink ?? header.LinkTarget : "";
        long size = pax.Size ?? header.ContentSize;
        if (path.Length == 0 || (isLink && target.Length == 0))
        {
            throw new MalformedDataException(name, offset, $"the entry '{path}' lacks a name or a link's target");
        }

        if ((!isFile && size != 0) || (isFile && path.EndsWith('/')))
        {
            throw new MalformedDataException(
                name, offset, $"the entry '{path}' is a file with a folder's name, or no file and yet has content");
        }

        bool isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        _entryOffset = offset;
        _contentSize = _contentLeft = size;
        return new TarEntry
        {
            Archive = name,
            Offset = offset,
            Path = path,
            Kind = kind,
            Mode = header.Mode,
            Uid = pax.Uid ?? header.Uid,
            Gid = pax.Gid ?? header.Gid,
            UserName = pax.UserName ?? header.UserName,
            GroupName = pax.GroupName ?? header.GroupName,
            ModifiedUnixSeconds = pax.ModifiedUnixSeconds ?? header.ModifiedUnixSeconds,
            Size = size,
            LinkTarget = target,
            DeviceMajor = isDevice ? header.DeviceMajor : 0,
            DeviceMinor = isDevice ? header.DeviceMinor : 0,
            Content = new TarContentStream(this, offset, size),
        };
    }

    private string ReadLongName(in TarHeader header, long offset)
    {
        byte[] bytes = ReadExtension(header, MaximumNameBytes);
        int end = bytes.AsSpan().IndexOf((byte)0);
        return end == bytes.Length - 1 && end > 0
            ? new TarFieldReader(name, offset).ReadText("long name", bytes)
            : throw new MalformedDataException(name, offset, "a GNU long name is empty or not ended by one NUL");
    }

    private byte[] ReadExtension(in TarHeader header, int maximum)
    {
        if (header.ContentSize > maximum)
        {
            throw Malformed($"an extended header has {header.ContentSize} bytes; at most {maximum} are supported");
        }

        byte[] bytes = new byte[header.ContentSize];
        ReadExactly(bytes);
        SkipPadding(bytes.Length);
        return bytes;
    }

    private void SkipContent()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        while (_contentLeft > 0)
        {
            ReadContent(_entryOffset, buffer);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        SkipPadding(_contentSize);
        _entryOffset = -1;
        _contentSize = 0;
    }

    private void SkipPadding(long length)
    {
        int padding = (int)(-length & (TarHeader.Size - 1));
        ReadExactly(_block.AsSpan(0, padding));
    }

    private void ReadBlock() => ReadExactly(_block);

    private void ReadExactly(Span<byte> bytes)
    {
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        _position += read;
        if (read < bytes.Length)
        {
            throw Malformed("the archive ends without its two blocks of zeros (truncated)");
        }
    }

    // one block of zeros was read; another follows, and zeros up to the writer's record size
    private void ReadEnd()
    {
        ReadBlock();
        int read = TarHeader.Size;
        while (read > 0)
        {
            if (_block.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                throw Malformed("other bytes than zeros follow the archive's end");
            }

            read = stream.ReadAtLeast(_block, 1, throwOnEndOfStream: false);
            _position += read;
        }
    }

    private MalformedDataException Malformed(string rule) => new(name, _position, rule);
}
