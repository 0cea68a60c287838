using System.Text;
using Images.TestSupport;

namespace Images.Baker.Tests.Boot.Initramfs;

public sealed class FormatMarkTests
{
    /// <summary>Otherwise a power cut during the first format would leave a partition that looks like a stranger's.</summary>
    [Fact]
    public void The_mark_of_an_unfinished_format_outlives_mkfs()
    {
        using TemporaryFolder folder = new();
        using (FileStream partition = File.Create(folder["state"]))
        {
            partition.SetLength(64 << 20);
        }

        string marking = Judge.Run("sed", "-n", "/^unfinished=/p;/^mark_format()/,/^}/p", Path.Combine(Checkout.Folder, "roles/initramfs/init"));
        Judge.Run("bash", "-c", $"{marking}\nstate_device=..{folder["state"]}; mark_format");
        Judge.Run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,nodiscard", folder["state"]);

        byte[] head = new byte[1082];
        using FileStream formatted = File.OpenRead(folder["state"]);
        formatted.ReadExactly(head);
        Encoding.ASCII.GetString(head, 0, 26).ShouldBe("images: unfinished format ");
        head[1080..].ShouldBe([0x53, 0xEF]);
    }
}
