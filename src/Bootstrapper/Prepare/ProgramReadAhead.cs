using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Brings a unit's program into memory while the unit waits for something else: Kubernetes' programs have up to 110 MB,
/// which a slow disk or an emulated processor takes seconds to read and to unpack.
/// </summary>
internal sealed class ProgramReadAhead(NodeRoot root, TimeProvider steady)
{
    /// <summary>Who waits for less than this gains nothing, and others need the disk meanwhile.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Units = "/usr/lib/systemd/system/";
    private const string Start = "ExecStart=";
    private const int Step = 1 << 20;

    /// <summary>The bytes that were read; where that fails, the unit's start says why.</summary>
    public async Task<long> RunAsync(string unit, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Patience, steady, cancellationToken);
            return ProgramOf(unit) is string program ? await ReadAsync(root[program], cancellationToken) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return 0; // it was a help only
        }
    }

    private string? ProgramOf(string unit) =>
        File.ReadLines(root[Units + unit]).LastOrDefault(line => line.StartsWith(Start + '/', StringComparison.Ordinal))
            ?[Start.Length..].Split(' ')[0];

    private static async Task<long> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        byte[] buffer = new byte[Step];
        for (long at = 0; ;)
        {
            int count = await RandomAccess.ReadAsync(file, buffer, at, cancellationToken);
            if (count == 0)
            {
                return at;
            }

            at += count;
        }
    }
}
