using System.Text;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

/// <summary>A folder of gpg with three keys, made once for all tests: "archive" (with a signing subkey), "stranger", "ed" (Ed25519).</summary>
public sealed class SigningHome : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SigningHome()
    {
        Gpg("--quick-generate-key", "archive <archive@example.org>", "rsa2048", "cert,sign", "never");
        Gpg("--quick-add-key", FingerprintOf("archive"), "rsa2048", "sign", "never");
        Gpg("--quick-generate-key", "stranger <stranger@example.org>", "rsa2048", "cert,sign", "never");
        Gpg("--quick-generate-key", "ed <ed@example.org>", "ed25519", "cert,sign", "never");
        ArchiveKey = Export("archive");
        StrangerKey = Export("stranger");
        EdKey = Export("ed");
    }

    /// <summary>Path of the binary certificate.</summary>
    public string ArchiveKey { get; }

    public string StrangerKey { get; }

    public string EdKey { get; }

    public string ArchiveFingerprint => FingerprintOf("archive");

    /// <summary>Signs a text in clear with the newest signing key of each user.</summary>
    public byte[] ClearSign(string text, params string[] users) => ClearSign(Encoding.UTF8.GetBytes(text), ["--digest-algo", "SHA256"], users);

    public byte[] ClearSign(byte[] text, string[] options, params string[] users)
    {
        string path = _folder["message"];
        File.WriteAllBytes(path, text);
        Gpg([.. options, .. users.SelectMany(user => new[] { "--local-user", user }), "--output", _folder["signed"], "--yes", "--clear-sign", path]);
        return File.ReadAllBytes(_folder["signed"]);
    }

    /// <summary>Writes the user's certificate as it is now into a file of the name and returns its path.</summary>
    public string Export(string user, string? name = null)
    {
        string path = _folder[name ?? user + ".pgp"];
        Gpg("--output", path, "--yes", "--export", user);
        return path;
    }

    public string FingerprintOf(string user) =>
        Gpg("--with-colons", "--list-keys", user).Split('\n').First(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    /// <summary>Whether gpgv finds every signature good.</summary>
    public bool GpgvAccepts(byte[] message, params string[] keyFiles)
    {
        string path = _folder["judged"];
        File.WriteAllBytes(path, message);
        return Judge.Try("gpgv", [.. keyFiles.SelectMany(file => new[] { "--keyring", file }), "--output", _folder["judged.text"], path]).ExitCode == 0;
    }

    public string Gpg(params string[] arguments) =>
        Judge.Run("gpg", ["--homedir", _folder.FullPath, "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "", .. arguments]);

    public void Dispose()
    {
        Judge.Try("gpgconf", "--homedir", _folder.FullPath, "--kill", "all");
        _folder.Dispose();
    }
}
