using System.Buffers;
using System.IO.Pipelines;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>The lines of a watch as they come in, none longer than the limit.</summary>
internal sealed class WatchLines(Stream stream, int maxLineBytes)
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>Null at the end. What stands there without a line end was cut off and does not count.</summary>
    public async Task<byte[]?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is SequencePosition end)
            {
                byte[] line = buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (buffer.Length > maxLineBytes)
            {
                throw new IOException($"a line is longer than {maxLineBytes} bytes");
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }
}
