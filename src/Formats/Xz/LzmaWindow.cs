using System.Buffers;

namespace Images.Formats.Xz;

/// <summary>
/// The dictionary as one straight run of bytes: decoded data are appended, and once the run is full its last
/// dictionary-size bytes move to the front, so that the decoder never wraps. It grows with the data: most members
/// of a package are much smaller than the dictionary they ask for.
/// </summary>
internal sealed class LzmaWindow(int dictionarySize) : IDisposable
{
    /// <summary>Room behind the data which a copy may touch without meaning.</summary>
    public const int Slack = 32;

    private const int MinimumBytes = 64 << 10;

    // sliding moves a whole dictionary, so it is made rare
    private readonly int _maximumBytes = dictionarySize + Math.Max(4 << 20, dictionarySize / 2) + Slack;
    private int _unread;

    public byte[] Bytes { get; private set; } = [];

    /// <summary>Index of the first byte since the dictionary was reset, or that is still kept.</summary>
    public int Start { get; private set; }

    /// <summary>Index at which the next byte goes.</summary>
    public int End { get; set; }

    public int DictionarySize => dictionarySize;

    /// <summary>Decoded bytes that nobody took yet.</summary>
    public ReadOnlySpan<byte> Unread => Bytes.AsSpan(_unread, End - _unread);

    public void Take(int count) => _unread += count;

    /// <summary>
    /// Forgets what was decoded: no match may reach behind this point. Everything must have been taken.
    /// </summary>
    public void Reset()
    {
        Start = 0;
        End = 0;
        _unread = 0;
    }

    /// <summary>Makes room for so many bytes, at most 2 MiB. Everything before must have been taken.</summary>
    public void Reserve(int count)
    {
        if (End + count + Slack <= Bytes.Length)
        {
            return;
        }

        int kept = Math.Min(dictionarySize, End - Start);
        byte[] old = Bytes;
        if (End + count + Slack <= _maximumBytes)
        {
            kept = End - Start;
            long wanted = Math.Max(MinimumBytes, Math.Max(End + count + Slack, 2L * old.Length));
            Bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(_maximumBytes, wanted));
        }

        old.AsSpan(End - kept, kept).CopyTo(Bytes);
        if (old != Bytes && old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }

        Start = 0;
        End = kept;
        _unread = kept;
    }

    public void Dispose()
    {
        if (Bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(Bytes);
            Bytes = [];
        }

        Reset();
    }
}
