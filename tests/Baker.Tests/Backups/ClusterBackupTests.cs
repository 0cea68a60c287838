using Images.Baker.Backups;
using Images.TestSupport;

namespace Images.Baker.Tests.Backups;

public sealed class ClusterBackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/var/lib/x/1.db: revision 1, 2 keys: restored\n", "/var/lib/x/1.db", "revision 1, 2 keys: restored")]
    [InlineData("said before\n/x.db: revision 1\n", "/x.db", "revision 1")]
    [InlineData("", null, null)]
    [InlineData("x.db: revision 1", null, null)]
    [InlineData("/x.db", null, null)]
    [InlineData("/x'; rm -r '/.db: revision 1", null, null)]
    public void What_the_member_says_names_a_file_and_what_is_proven_or_is_refused(string said, string? file, string? proof)
    {
        (string File, string Proof)? answer = ClusterBackup.ReadAnswer(said);

        answer?.File.ShouldBe(file);
        answer?.Proof.ShouldBe(proof);
        (answer is null).ShouldBe(file is null);
    }

    [Fact]
    public async Task A_backup_that_breaks_off_leaves_the_former_one_and_nothing_half_written()
    {
        string file = _folder["demo.backup"];
        await ClusterBackup.WriteAsync(file, target => target.WriteAsync(new byte[] { 1, 2, 3 }).AsTask());

        (await Should.ThrowAsync<BakeException>(ClusterBackup.WriteAsync(file, async target =>
        {
            await target.WriteAsync(new byte[] { 4 });
            throw new IOException("no space left");
        }))).Code.ShouldBe("BAKE0846");

        (await File.ReadAllBytesAsync(file)).ShouldBe([1, 2, 3]);
        Directory.GetFiles(_folder.FullPath).ShouldBe([file]);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_said_in_one_line() =>
        (await Should.ThrowAsync<BakeException>(ClusterBackup.WriteAsync(_folder["none/demo.backup"], _ => Task.CompletedTask)))
            .Code.ShouldBe("BAKE0846");
}
