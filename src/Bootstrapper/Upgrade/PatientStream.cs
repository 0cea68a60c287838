using Images.Formats;

namespace Images.Bootstrapper.Upgrade;

/// <summary>A server's answer, forwards; given up where nothing comes for a while.</summary>
/// <param name="inner">Is disposed with this.</param>
/// <param name="patience">For one read.</param>
internal sealed class PatientStream(Stream inner, TimeSpan patience) : ReadOnlyStream
{
    private readonly byte[] _chunk = new byte[64 << 10];

    /// <exception cref="IOException">Nothing has come.</exception>
    protected override int TakeBytes(Span<byte> buffer)
    {
        using CancellationTokenSource limit = new(patience);
        try
        {
            Memory<byte> part = _chunk.AsMemory(0, Math.Min(buffer.Length, _chunk.Length));
#pragma warning disable VSTHRD002 // nobody else runs here, and only the asynchronous read can be given up
            int count = inner.ReadAsync(part, limit.Token).AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            part.Span[..count].CopyTo(buffer);
            return count;
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"the server has sent nothing for {patience.TotalSeconds:0.#} s", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
