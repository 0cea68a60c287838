using System.Security.Cryptography;
using Images.Baker.Backups;
using Images.Formats;

namespace Images.Baker.Tests.Backups;

public sealed class BackupCipherTests : IDisposable
{
    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)] // whole segments
    [InlineData(65537)]
    [InlineData(200000)]
    public async Task What_is_encrypted_comes_back_and_is_not_to_be_seen(int bytes)
    {
        byte[] plain = new byte[bytes];
        new Random(bytes).NextBytes(plain);

        byte[] backup = await EncryptAsync(plain);

        (await DecryptAsync(backup, _key)).ShouldBe(plain);
        (await EncryptAsync(plain)).ShouldNotBe(backup, "each file has a key of its own");
    }

    [Theory]
    [InlineData(131072)]
    [InlineData(131073)]
    [InlineData(65536)]
    public async Task One_that_was_cut_off_or_changed_anywhere_does_not_open(int bytes)
    {
        byte[] backup = await EncryptAsync(new byte[bytes]);

        foreach (int length in new[] { 0, 10, 20, 100, backup.Length / 2, backup.Length - 65552, backup.Length - 17, backup.Length - 1 })
        {
            await Should.ThrowAsync<MalformedDataException>(DecryptAsync(backup[..Math.Max(0, length)], _key));
        }

        foreach (int place in new[] { 0, 17, 40, 109, 200, backup.Length / 2, backup.Length - 1 })
        {
            byte[] changed = [.. backup];
            changed[place] ^= 1;
            await Should.ThrowAsync<MalformedDataException>(DecryptAsync(changed, _key));
        }

        await Should.ThrowAsync<MalformedDataException>(DecryptAsync([.. backup, 0], _key));
    }

    /// <summary>Some changes name a curve that no library has.</summary>
    [Fact]
    public async Task A_changed_bit_anywhere_in_its_head_is_a_backup_that_cannot_be_read()
    {
        byte[] backup = await EncryptAsync([1, 2, 3]);
        for (int bit = 0; bit < 8 * (backup.Length - 3 - 16); bit++)
        {
            byte[] changed = [.. backup];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            await Should.ThrowAsync<MalformedDataException>(DecryptAsync(changed, _key), $"bit {bit}");
        }
    }

    [Fact]
    public async Task Another_cluster_s_key_does_not_open_it()
    {
        using ECDiffieHellman other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

        (await Should.ThrowAsync<MalformedDataException>(DecryptAsync(await EncryptAsync([1, 2, 3]), other)))
            .Message.ShouldContain("another cluster's key");
    }

    private async Task<byte[]> EncryptAsync(byte[] plain)
    {
        using MemoryStream target = new();
        await BackupCipher.EncryptAsync(new MemoryStream(plain), target, _key, CancellationToken.None);
        return target.ToArray();
    }

    private static async Task<byte[]> DecryptAsync(byte[] backup, ECDiffieHellman key)
    {
        using MemoryStream target = new();
        await BackupCipher.DecryptAsync(new MemoryStream(backup), "demo.backup", target, key, CancellationToken.None);
        return target.ToArray();
    }
}
