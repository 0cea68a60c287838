namespace Images.Formats.Elf;

/// <summary>One program header: where a piece of the file goes in memory. All values in bytes.</summary>
internal sealed record ElfSegment(uint Type, ulong Offset, ulong Address, ulong FileSize);
