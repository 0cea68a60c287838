// The instructions and who follows them, read together.
#pragma warning disable MA0048
using System.Buffers.Binary;
using Images.Formats;
using Images.Formats.Verity;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// Follows the instructions of a delta: gives what is new, copied from what is older or inserted. Forwards only, and
/// nothing is held but one instruction.
/// </summary>
public sealed class UpgradeDelta : ReadOnlyStream
{
    private readonly Stream _instructions;
    private readonly Stream _old;
    private readonly long _newBytes;
    private readonly string _file;
    private DeltaInstruction _current = DeltaInstruction.Insert;
    private long _left; // of the instruction
    private long _given;

    private UpgradeDelta(Stream instructions, Stream old, long newBytes, string file)
    {
        _instructions = instructions;
        _old = old;
        _newBytes = newBytes;
        _file = file;
    }

    public override long Length => _newBytes;

    /// <summary>
    /// The whole new root, hash tree and all, checked as <see cref="UpgradeArtefact.OpenRoot"/> checks one that came
    /// whole: its last bytes come only if the digest is right.
    /// </summary>
    /// <param name="instructions">The part of a delta.</param>
    /// <param name="old">Seekable; the root with <see cref="UpgradeBase.FromRootHash"/>, from its position 0.</param>
    /// <param name="manifest">Of the delta.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="MalformedDataException">While it is read: an instruction that cannot be followed.</exception>
    public static Stream OpenRoot(Stream instructions, Stream old, UpgradeManifest manifest, string file)
    {
        long dataBytes = manifest.Verity.DataBlocks * VerityTree.BlockSize;
        VerityAppendedStream root = new(
            new UpgradeDelta(instructions, old, dataBytes, file),
            manifest.Verity.DataBlocks,
            Convert.FromHexString(manifest.Verity.Salt));
        return new UpgradePart(root, manifest.RootBytes, manifest.RootSha256, file);
    }

    /// <summary>The whole new kernel image, checked likewise.</summary>
    /// <param name="old">Seekable; that of the older root, from its position 0.</param>
    /// <inheritdoc cref="OpenRoot"/>
    public static Stream OpenUki(Stream instructions, Stream old, UpgradeManifest manifest, string file) =>
        new UpgradePart(
            new UpgradeDelta(instructions, old, manifest.UkiBytes, file), manifest.UkiBytes, manifest.UkiSha256, file);

    protected override int TakeBytes(Span<byte> buffer)
    {
        while (_left == 0 && _current != DeltaInstruction.End)
        {
            ReadInstruction();
        }

        int wanted = (int)Math.Min(buffer.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }

        Stream from = _current == DeltaInstruction.Copy ? _old : _instructions;
        int read = from.ReadAtLeast(buffer[..wanted], 1, throwOnEndOfStream: false);
        Require(read > 0, "an instruction ends early, or names bytes that the older image does not have");
        _left -= read;
        _given += read;
        if (_given == _newBytes)
        {
            // so that the instructions' own digest is checked before the last bytes are given
            ReadInstruction();
            Require(_current == DeltaInstruction.End && _instructions.ReadByte() < 0, "something follows the end");
        }

        return read;
    }

    private void ReadInstruction()
    {
        int code = _instructions.ReadByte();
        Require(code is >= (int)DeltaInstruction.End and <= (int)DeltaInstruction.Insert, "an instruction is unknown");
        _current = (DeltaInstruction)code;
        if (_current == DeltaInstruction.End)
        {
            Require(_given == _newBytes, "the instructions end before the image is whole");
            return;
        }

        long offset = _current == DeltaInstruction.Copy ? ReadNumber() : 0;
        _left = ReadNumber();
        Require(_left > 0 && _left <= _newBytes - _given, "an instruction would make more than the image has");
        if (_current == DeltaInstruction.Copy)
        {
            Require(offset >= 0 && offset <= _old.Length - _left, "an instruction names bytes behind the older image");
            _old.Position = offset;
        }
    }

    private long ReadNumber()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Require(
            _instructions.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length,
            "the instructions are cut short");
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new MalformedDataException(_file, -1, $"{rule}.");
        }
    }
}

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
