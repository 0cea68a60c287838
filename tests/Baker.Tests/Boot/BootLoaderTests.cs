using System.Text;
using Images.Baker.Boot;

namespace Images.Baker.Tests.Boot;

public sealed class BootLoaderTests
{
    [Theory]
    [InlineData("MZ\0\0#### LoaderInfo: systemd-boot 257.13-1~deb13u1 ####\0")]
    [InlineData("#### LoaderInfo: systemd-boot 257 ####")]
    [InlineData("#### LoaderInfo: systemd-boot 257~rc2-1 ####")]
    public void A_loader_of_257_is_taken(string loader) => BootLoader.Require(Encoding.ASCII.GetBytes(loader), "usr/loader").Length.ShouldBe(loader.Length);

    [Theory]
    [InlineData("#### LoaderInfo: systemd-boot 258.1-1 ####", "systemd-boot 258.1-1;")]
    [InlineData("#### LoaderInfo: systemd-boot 2570.1 ####", "systemd-boot 2570.1;")]
    [InlineData("#### LoaderInfo: systemd-boot 252.39-1~deb12u1 ####", "252.39")]
    [InlineData("#### LoaderInfo: systemd-boot 257.13", "no systemd-boot")]
    [InlineData("#### LoaderInfo: systemd-boot \u001b[2J257 ####", "no systemd-boot")]
    [InlineData("#### LoaderInfo: systemd-stub 257 ####", "no systemd-boot")]
    [InlineData("", "no systemd-boot")]
    public void Another_loader_is_refused(string loader, string named)
    {
        BakeException fault = Should.Throw<BakeException>(() => BootLoader.Require(Encoding.ASCII.GetBytes(loader), "usr/loader"));
        fault.Code.ShouldBe("BAKE0650");
        fault.Message.ShouldContain(named);
    }
}
