namespace Images.Formats.Uki;

/// <summary>Section characteristics, as far as a UKI's own sections need them.</summary>
[Flags]
internal enum PeSectionFlags : uint
{
    None = 0,
    InitializedData = 0x00000040,
    Readable = 0x40000000,
}
