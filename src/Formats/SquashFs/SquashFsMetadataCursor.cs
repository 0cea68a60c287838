namespace Images.Formats.SquashFs;

/// <summary>Reads on in a table of metadata, across its blocks.</summary>
internal sealed class SquashFsMetadataCursor
{
    private readonly SquashFsMetadataReader _table;
    private byte[] _block;
    private uint _blockStart;
    private int _offset;

    /// <exception cref="MalformedDataException">The table has no such place.</exception>
    public SquashFsMetadataCursor(SquashFsMetadataReader table, SquashFsMetadataPosition position)
    {
        _table = table;
        _blockStart = position.BlockStart;
        _block = table.ReadBlock(_blockStart);
        _offset = position.Offset;
        if (_offset >= _block.Length)
        {
            throw Malformed($"byte {_offset} is wanted of a metadata block that has {_block.Length}");
        }
    }

    public SquashFsMetadataPosition Position
    {
        get
        {
            StepIntoNextBlock();
            return new SquashFsMetadataPosition(_blockStart, (ushort)_offset);
        }
    }

    /// <summary>Bytes read through this cursor.</summary>
    public long BytesRead { get; private set; }

    public void Read(Span<byte> target)
    {
        BytesRead += target.Length;
        while (!target.IsEmpty)
        {
            StepIntoNextBlock();
            if (_offset == _block.Length)
            {
                throw Malformed("the table of metadata ends in the middle of a record");
            }

            int part = Math.Min(target.Length, _block.Length - _offset);
            _block.AsSpan(_offset, part).CopyTo(target);
            target = target[part..];
            _offset += part;
        }
    }

    /// <summary>A fault in the record that was just read.</summary>
    public MalformedDataException Malformed(string rule) => new(_table.Name, _table.Start + _blockStart, rule);

    private void StepIntoNextBlock()
    {
        if (_offset == _block.Length && _table.BlockAfter(_blockStart) is uint next)
        {
            (_blockStart, _offset) = (next, 0);
            _block = _table.ReadBlock(next);
        }
    }
}
