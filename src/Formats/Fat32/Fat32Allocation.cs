using System.Buffers.Binary;
using System.Collections;

namespace Images.Formats.Fat32;

/// <summary>
/// The FAT of a volume that is read: hands out chains, each cluster once, and tells what nobody took.
/// </summary>
internal sealed class Fat32Allocation
{
    private const uint ValueMask = 0x0FFFFFFF; // the upper four bits are reserved

    private const uint FirstEndOfChain = 0x0FFFFFF8;

    private readonly string _file;
    private readonly Fat32Geometry _geometry;
    private readonly byte[] _fat;
    private readonly BitArray _taken;

    /// <exception cref="MalformedDataException">
    /// The first two entries are not what the specification asks for.
    /// </exception>
    public Fat32Allocation(string file, Fat32Geometry geometry, byte[] fat)
    {
        _file = file;
        _geometry = geometry;
        _fat = fat;
        _taken = new BitArray(fat.Length / sizeof(uint));
        if (Entry(0) != FirstEndOfChain || Entry(1) != ValueMask)
        {
            throw new MalformedDataException(
                file,
                geometry.FatOffset(0),
                "the FAT does not begin with the media byte and the mark of a clean volume.");
        }
    }

    /// <exception cref="MalformedDataException">
    /// The chain leaves the volume, meets another one, or never ends.
    /// </exception>
    public uint[] TakeChain(uint first, string owner)
    {
        List<uint> chain = [];
        for (uint cluster = first; ;)
        {
            if (cluster < Fat32Geometry.FirstCluster || cluster >= _taken.Length)
            {
                throw Broken(
                    chain.Count == 0 ? first : chain[^1],
                    $"the chain of {owner} goes to {cluster}, which is no cluster of the volume");
            }

            if (_taken[(int)cluster])
            {
                throw Broken(cluster, $"the cluster belongs to {owner} and to another file");
            }

            _taken[(int)cluster] = true;
            chain.Add(cluster);
            uint next = Entry(cluster);
            if (next >= FirstEndOfChain)
            {
                return [.. chain];
            }

            cluster = next;
        }
    }

    /// <returns>How many clusters are free.</returns>
    /// <exception cref="MalformedDataException">A cluster is marked as used but belongs to no file.</exception>
    public uint CheckEveryClusterIsUsed()
    {
        uint free = 0;
        for (uint cluster = Fat32Geometry.FirstCluster; cluster < _taken.Length; cluster++)
        {
            if (_taken[(int)cluster])
            {
                continue;
            }

            free++;
            if (Entry(cluster) != 0)
            {
                throw Broken(cluster, "the cluster is marked as used but belongs to no file");
            }
        }

        return free;
    }

    private uint Entry(uint cluster) =>
        BinaryPrimitives.ReadUInt32LittleEndian(_fat.AsSpan((int)cluster * sizeof(uint))) & ValueMask;

    private MalformedDataException Broken(uint cluster, string rule) =>
        new(
            _file,
            _geometry.FatOffset(0) + ((long)Math.Min(cluster, (uint)_taken.Length) * sizeof(uint)),
            $"the FAT: {rule}.");
}
