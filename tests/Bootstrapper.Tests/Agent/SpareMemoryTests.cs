using System.Globalization;
using System.IO.MemoryMappedFiles;
using Images.Bootstrapper.Agent;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Agent;

public sealed class SpareMemoryTests
{
    private const int Mebibyte = 1 << 20;
    private const int Burst = 256;

    [Fact]
    public void What_a_burst_needed_goes_back_to_the_system()
    {
        long busy = AfterABurst();
        SpareMemory.GiveBack();
        GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes.ShouldBeLessThan(busy - (Burst / 2 * Mebibyte));
    }

    [Fact]
    public void Pages_of_a_file_that_were_read_go_too_and_come_again_with_what_the_file_holds()
    {
        using TemporaryFolder folder = new();
        string path = folder["read"];
        byte[] content = new byte[4 * Mebibyte];
        new Random(1).NextBytes(content);
        using (FileStream written = File.Create(path))
        {
            written.Write(content);
            written.Flush(flushToDisk: true); // what is not written yet stays
        }

        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        Read(view).ShouldBe(content);
        ResidentKibibytes(path).ShouldBe(content.Length / 1024);
        SpareMemory.GiveBack();
        ResidentKibibytes(path).ShouldBeLessThan(content.Length / 1024 / 2);
        Read(view).ShouldBe(content);
    }

    [Fact]
    public async Task It_is_done_five_minutes_after_the_start_and_then_every_hour()
    {
        VirtualTime time = new();
        using CancellationTokenSource enough = new();
        List<double> minutes = [];
        await Should.ThrowAsync<OperationCanceledException>(() => SpareMemory.RunAsync(GivenBack, time, enough.Token));
        minutes.ShouldBe([5, 65, 125]);

        void GivenBack()
        {
            minutes.Add(time.Elapsed.TotalMinutes);
            if (minutes.Count == 3)
            {
                enough.Cancel();
            }
        }
    }

    /// <summary>Committed bytes while it is there; in a method of its own, so that nothing keeps it afterwards.</summary>
    private static long AfterABurst()
    {
        byte[][] burst = [.. Enumerable.Range(0, Burst).Select(_ => new byte[Mebibyte])];
        GC.Collect();
        long committed = GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes;
        GC.KeepAlive(burst);
        return committed;
    }

    private static byte[] Read(MemoryMappedViewAccessor view)
    {
        byte[] read = new byte[view.Capacity];
        view.ReadArray(0, read, 0, read.Length);
        return read;
    }

    /// <summary>Of this process's mapping of a file, from proc_pid_smaps(5).</summary>
    private static long ResidentKibibytes(string path) => long.Parse(
        File.ReadAllLines("/proc/self/smaps").SkipWhile(line => !line.EndsWith(path, StringComparison.Ordinal)).First(line => line.StartsWith("Rss:", StringComparison.Ordinal)).Split(' ')[^2],
        CultureInfo.InvariantCulture);
}
