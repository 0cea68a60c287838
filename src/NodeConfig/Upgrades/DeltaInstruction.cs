namespace Images.NodeConfig.Upgrades;

/// <summary>
/// The first byte of an instruction. Numbers behind it are 64 bits, little-endian: of a copy the offset in what is
/// older and the length, of an insertion the length, then the bytes themselves.
/// </summary>
internal enum DeltaInstruction : byte
{
    End = 0,
    Copy = 1,
    Insert = 2,
}
