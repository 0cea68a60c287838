using System.Buffers.Binary;
using System.Text;
using Images.Formats;

namespace Images.Baker.Boot.Kmod;

/// <summary>
/// The search tree of kmod's <c>modules.*.bin</c>, version 2.1, all numbers big-endian (kmod, shared/index and
/// libkmod/libkmod-index.c). A node: its prefix, the range and offsets of its children, its values.
/// </summary>
internal sealed class ModuleIndexTrie
{
    private const uint Magic = 0xB007F457;
    private const uint Version = 0x00020001;
    private const uint HasPrefix = 0x80000000;
    private const uint HasValues = 0x40000000;
    private const uint HasChildren = 0x20000000;

    /// <summary>kmod's nodes have room for 128 children, so keys are ASCII.</summary>
    private const int CharacterLimit = 128;

    private readonly Node _root = new();

    /// <summary>
    /// Adds a value under a key, which may have several: the lowest priority first, of equal ones the newest.
    /// </summary>
    /// <exception cref="MalformedDataException">The key has a character beyond ASCII.</exception>
    public void Add(string key, string value, int priority)
    {
        Node node = _root;
        foreach (char character in key)
        {
            if (character is '\0' or >= (char)CharacterLimit)
            {
                throw new MalformedDataException(
                    "module index", -1, $"the key '{key}' has a character that kmod's index cannot hold.");
            }

            if (!node.Children.TryGetValue((byte)character, out Node? child))
            {
                child = new Node();
                node.Children.Add((byte)character, child);
            }

            node = child;
        }

        int place = node.Values.FindIndex(known => known.Priority >= priority);
        node.Values.Insert(place < 0 ? node.Values.Count : place, new Entry(priority, value));
    }

    public byte[] ToBytes()
    {
        using MemoryStream output = new();
        Span<byte> header = stackalloc byte[12];
        output.Write(header);
        uint root = WriteNode(_root, [], output); // kmod's root has no prefix, even with one child
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], root);
        output.Position = 0;
        output.Write(header);
        return output.ToArray();
    }

    /// <returns>The node's offset with the flags of what it has.</returns>
    private static uint WriteNode(Node node, List<byte> prefix, MemoryStream output)
    {
        (byte Character, uint Offset)[] children =
            [.. node.Children.Select(child => (child.Key, WriteCompressed(child.Value, output)))];
        uint offset = (uint)output.Position;
        if (prefix.Count > 0)
        {
            offset |= HasPrefix;
            output.Write(prefix.ToArray());
            output.WriteByte(0);
        }

        if (children.Length > 0)
        {
            offset |= HasChildren;
            WriteChildren(children, output);
        }

        if (node.Values.Count > 0)
        {
            offset |= HasValues;
            WriteValues(node.Values, output);
        }

        return offset;
    }

    /// <summary>A row of nodes with one child each becomes the prefix of the node at its end.</summary>
    private static uint WriteCompressed(Node node, MemoryStream output)
    {
        List<byte> prefix = [];
        while (node.Values.Count == 0 && node.Children.Count == 1)
        {
            (byte character, node) = node.Children.First();
            prefix.Add(character);
        }

        return WriteNode(node, prefix, output);
    }

    private static void WriteChildren((byte Character, uint Offset)[] children, MemoryStream output)
    {
        byte first = children[0].Character;
        byte last = children[^1].Character;
        output.WriteByte(first);
        output.WriteByte(last);
        uint[] offsets = new uint[last - first + 1];
        foreach ((byte character, uint offset) in children)
        {
            offsets[character - first] = offset;
        }

        foreach (uint offset in offsets)
        {
            WriteUInt32(offset, output);
        }
    }

    private static void WriteValues(List<Entry> values, MemoryStream output)
    {
        WriteUInt32((uint)values.Count, output);
        foreach (Entry entry in values)
        {
            WriteUInt32((uint)entry.Priority, output);
            output.Write(Encoding.UTF8.GetBytes(entry.Value));
            output.WriteByte(0);
        }
    }

    private static void WriteUInt32(uint value, MemoryStream output)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        output.Write(bytes);
    }

    private sealed record Entry(int Priority, string Value);

    private sealed class Node
    {
        public SortedDictionary<byte, Node> Children { get; } = [];

        public List<Entry> Values { get; } = [];
    }
}
