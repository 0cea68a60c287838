using System.Buffers.Binary;

namespace Images.TestSupport;

/// <summary>The smallest PE file with the shape of systemd's stub: a DOS header, PE headers of 0x600 bytes, one section.</summary>
public static class HandMadeStub
{
    private const int Coff = 0x80;
    private const int Optional = Coff + 24;
    private const int Table = Optional + 240;

    public static byte[] Create(uint headerBytes = 0x600, ushort machine = 0x8664)
    {
        byte[] file = new byte[headerBytes + 0x1F0]; // its end not aligned, to be filled up
        "MZ"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x3C), Coff);
        "PE\0\0"u8.CopyTo(file.AsSpan(Coff));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Coff + 4), machine);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Coff + 6), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Coff + 20), 240);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Coff + 22), 0x22E);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Optional), 0x20B);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 8), 0x200); // initialised data
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 32), 0x1000); // section alignment
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 36), 0x200); // file alignment
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 56), 0x2000); // image
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 60), headerBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 64), 0xDEADBEEF); // checksum
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Optional + 68), 10); // EFI application
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Optional + 108), 16);
        ".text"u8.CopyTo(file.AsSpan(Table));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Table + 8), 0x1F0);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Table + 12), 0x1000);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Table + 16), 0x1F0);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Table + 20), headerBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Table + 36), 0x60000020);
        return file;
    }
}
