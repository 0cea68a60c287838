using Images.Formats;

namespace Images.Baker.Zstd;

/// <summary>The compressed bytes with their position for the errors.</summary>
internal sealed class ZstdInput(Stream stream, string name)
{
    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <returns>False at the end of the data.</returns>
    /// <exception cref="MalformedDataException">They end in the middle of the field.</exception>
    public bool TryReadExactly(Span<byte> field)
    {
        int count = stream.ReadAtLeast(field, field.Length, throwOnEndOfStream: false);
        Position += count;
        return count == field.Length || (count == 0 ? false : throw Truncated());
    }

    public void ReadExactly(Span<byte> field)
    {
        if (field.Length > 0 && !TryReadExactly(field))
        {
            throw Truncated();
        }
    }

    /// <summary>At least one byte of those that must come.</summary>
    public int ReadSome(Span<byte> buffer)
    {
        int count = stream.ReadAtLeast(buffer, 1, throwOnEndOfStream: false);
        Position += count;
        return count > 0 ? count : throw Truncated();
    }

    public void Skip(long count)
    {
        Span<byte> skipped = stackalloc byte[4096];
        while (count > 0)
        {
            count -= ReadSome(skipped[..(int)Math.Min(count, skipped.Length)]);
        }
    }

    public MalformedDataException Malformed(string rule, Exception? cause = null) => new(name, Position, rule, cause);

    private MalformedDataException Truncated() => Malformed("the zstd data end early (truncated)");
}
