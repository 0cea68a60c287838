namespace Images.Baker.Layers;

/// <summary>First byte of an entry in a layer's index.</summary>
internal enum LayerIndexKind : byte
{
    Directory = (byte)'d',
    File = (byte)'f',
    Symlink = (byte)'l',
    HardLink = (byte)'h',
    CharacterDevice = (byte)'c',
    BlockDevice = (byte)'b',
}
