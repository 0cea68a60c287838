using Images.Baker.Caching;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class DownloadCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _bytes = new byte[1000];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_another_bake_has_just_named_and_not_let_go_of_yet_is_waited_for()
    {
        ContentCache cache = new(_folder.FullPath, TimeProvider.System);
        string path = cache.PathOf(Digest.Sha256(_bytes));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Task<FileStream?> opening;
        using (FileStream other = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            other.Write(_bytes);
            other.Flush();
            opening = Task.Run(() => cache.TryOpen(Digest.Sha256(_bytes), _bytes.Length));
            (await Task.WhenAny(opening, Task.Delay(300))).ShouldNotBe(opening);
        }

        using FileStream? opened = await opening;
        opened.ShouldNotBeNull();
    }
}
