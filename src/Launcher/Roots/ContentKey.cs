using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Launcher.Roots;

/// <summary>
/// Names a file with its mode, owner and time, so that one file serves all roots that hold the same. Blocks are not
/// decompressed for it; the tail is, because where it lies in its fragment block depends on other files.
/// </summary>
internal static class ContentKey
{
    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(FileNode node, StoredContent content)
    {
        StoredFile stored = content.Stored;
        using HashStream hash = new();
        Span<byte> head = stackalloc byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(head, node.Mode);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], node.Uid);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], node.Gid);
        BinaryPrimitives.WriteInt64LittleEndian(head[12..], node.ModifiedUnixSeconds);
        BinaryPrimitives.WriteInt64LittleEndian(head[20..], stored.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[28..], content.Source.BlockSize);
        hash.Write(head);
        hash.Write(MemoryMarshal.AsBytes(stored.BlockSizes.AsSpan()));
        content.Source.CopyTo(stored.StartOffset, stored.StoredLength, hash);
        if (stored.Fragment >= 0)
        {
            byte[] tail = new byte[stored.Length % content.Source.BlockSize];
            content.Source.ReadTail(stored.Fragment, stored.FragmentOffset, tail);
            hash.Write(tail);
        }

        return hash.Finish();
    }

    /// <summary>A stream that only feeds a hash.</summary>
    private sealed class HashStream : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer) => _hash.AppendData(buffer);

        public override void Write(byte[] buffer, int offset, int count) => _hash.AppendData(buffer, offset, count);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
