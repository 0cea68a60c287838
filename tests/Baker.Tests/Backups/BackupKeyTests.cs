using System.Security.Cryptography;
using Images.Baker.Backups;
using Images.TestSupport;

namespace Images.Baker.Tests.Backups;

public sealed class BackupKeyTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _seeds = new();

    public BackupKeyTests()
    {
        Directory.CreateDirectory(_seeds["secrets"]);
        File.WriteAllText(_seeds["secrets/cluster.json"], "{}");
    }

    public void Dispose() => _seeds.Dispose();

    [Fact]
    public void The_first_backup_makes_the_pair_for_its_owner_s_eyes_and_later_ones_use_it()
    {
        byte[] first = Public();

        Public().ShouldBe(first);
        (OperatingSystem.IsWindows() ? OwnerOnly : File.GetUnixFileMode(_seeds["secrets/backup.key"])).ShouldBe(OwnerOnly);
        using ECDiffieHellman secret = BackupKey.OpenPrivate(_seeds.FullPath);
        secret.ExportSubjectPublicKeyInfo().ShouldBe(first);
    }

    [Fact]
    public void Where_only_the_public_half_is_lost_it_is_derived_and_no_other_pair_is_made()
    {
        byte[] first = Public();
        string secret = File.ReadAllText(_seeds["secrets/backup.key"]);
        File.Delete(_seeds["secrets/backup.pub"]);

        Public().ShouldBe(first);
        File.ReadAllText(_seeds["secrets/backup.key"]).ShouldBe(secret, "it decrypts the backups that there are");
    }

    [Fact]
    public void A_machine_that_makes_backups_needs_the_public_half_alone_and_gets_no_other()
    {
        byte[] first = Public();
        File.Delete(_seeds["secrets/cluster.json"]);
        File.Delete(_seeds["secrets/backup.key"]);

        Public().ShouldBe(first);
        Code(() => BackupKey.OpenPrivate(_seeds.FullPath)).ShouldBe("BAKE0841");
        File.Delete(_seeds["secrets/backup.pub"]);
        Code(() => BackupKey.OpenPublic(_seeds.FullPath)).ShouldBe("BAKE0841", "no key is made beside no cluster");
        Directory.GetFiles(_seeds["secrets"]).ShouldBeEmpty();
    }

    [Fact]
    public void Another_folder_and_a_file_that_is_no_key_are_refused()
    {
        Code(() => BackupKey.OpenPublic(_seeds["secrets"])).ShouldBe("BAKE0808");
        File.WriteAllText(_seeds["secrets/backup.pub"], "none");
        Code(() => BackupKey.OpenPublic(_seeds.FullPath)).ShouldBe("BAKE0841");
    }

    private byte[] Public()
    {
        using ECDiffieHellman key = BackupKey.OpenPublic(_seeds.FullPath);
        return key.ExportSubjectPublicKeyInfo();
    }

    private static string Code(Func<ECDiffieHellman> open) => Should.Throw<BakeException>(() => open().Dispose()).Code;
}
