namespace Images.Formats.SquashFs;

/// <summary>Stretches of a source that are copied, neighbours joined, and where each came to lie.</summary>
internal sealed class StoredExtents
{
    private readonly List<(long Start, long Length)> _stretches = [];
    private readonly List<long> _newStarts = [];

    private StoredExtents()
    {
    }

    public static StoredExtents Of(IEnumerable<(long Start, long Length)> parts)
    {
        StoredExtents extents = new();
        foreach ((long start, long length) in parts.Where(part => part.Length > 0).OrderBy(part => part.Start))
        {
            List<(long Start, long Length)> known = extents._stretches;
            if (known.Count > 0 && start <= known[^1].Start + known[^1].Length)
            {
                long end = Math.Max(start + length, known[^1].Start + known[^1].Length);
                known[^1] = (known[^1].Start, end - known[^1].Start);
            }
            else
            {
                known.Add((start, length));
            }
        }

        return extents;
    }

    /// <summary>
    /// Gives the stretches their new places, one behind the other; returns the place behind the last.
    /// </summary>
    public long PlaceAt(long newStart)
    {
        foreach ((_, long length) in _stretches)
        {
            _newStarts.Add(newStart);
            newStart += length;
        }

        return newStart;
    }

    /// <summary>Copies all to the output's position.</summary>
    public void CopyTo(SquashFsBlockSource source, Stream output)
    {
        foreach ((long start, long length) in _stretches)
        {
            source.CopyTo(start, length, output);
        }
    }

    /// <summary>Where the byte that stood at <paramref name="offset"/> stands after <see cref="PlaceAt"/>.</summary>
    public long Map(long offset)
    {
        int low = 0;
        int high = _stretches.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _stretches[middle].Start <= offset ? (middle, high) : (low, middle - 1);
        }

        return _newStarts[low] + (offset - _stretches[low].Start);
    }
}
