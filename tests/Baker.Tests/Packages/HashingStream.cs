using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.Tests.Packages;

/// <summary>Hashes what is read through it.</summary>
internal sealed class HashingStream(Stream inner, IncrementalHash hash) : ReadOnlyStream
{
    protected override int TakeBytes(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        hash.AppendData(buffer[..read]);
        return read;
    }
}
