using System.Security.Cryptography;
using System.Text;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Debian;

/// <summary>
/// The disk of a plain Debian of the release that this machine's apt takes its packages from: what <c>make-disk</c> makes.
/// It takes minutes, so it is kept in the cache by the recipe and the sources; the one before goes.
/// </summary>
internal sealed class DebianDisk
{
    private const string Kept = "debian-";

    private readonly string _folder;

    private DebianDisk(string folder) => _folder = folder;

    public string Disk => Path.Combine(_folder, "disk.raw");

    public string Kernel => Path.Combine(_folder, "kernel");

    public string Initramfs => Path.Combine(_folder, "initramfs");

    /// <summary>Opens the logins of root and newcomer.</summary>
    public string SshKey => Path.Combine(_folder, "key");

    private static string Recipe => Path.Combine(Checkout.Folder, "tests", "Lab", "Debian", "make-disk");

    public static DebianDisk Obtain()
    {
        string sources = Sources();
        byte[] made = SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(Recipe) + sources));
        string all = Directory.CreateDirectory(Path.Combine(LabRange.Cache, "machines")).FullName;
        string folder = Path.Combine(all, Kept + Convert.ToHexStringLower(made)[..12]), partial = folder + ".partial";
        if (!Directory.Exists(folder))
        {
            foreach (string old in Directory.EnumerateDirectories(all, Kept + "*"))
            {
                Directory.Delete(old, recursive: true);
            }

            Make(Directory.CreateDirectory(partial).FullName, sources);
            Directory.Move(partial, folder);
        }

        return new DebianDisk(folder);
    }

    private static void Make(string folder, string sources)
    {
        JudgeResult result = Judge.Try("sh", [Recipe, folder], Encoding.UTF8.GetBytes(sources), environment: WithEverySbin());
        if (result.ExitCode != 0)
        {
            throw new MachineException($"{Recipe} made no disk of plain Debian: {result.Output}{result.Error}");
        }
    }

    /// <summary>mke2fs is not in an ordinary user's path.</summary>
    private static Dictionary<string, string> WithEverySbin() =>
        new(StringComparer.Ordinal) { ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin" };

    /// <summary>Of this machine's apt, without what is not Debian's.</summary>
    private static string Sources() => Judge.Run(
        "apt-get", "indextargets", "--format", "deb $(REPO_URI) $(CODENAME) main",
        "Created-By: Packages", "Component: main", "Origin: Debian");
}
