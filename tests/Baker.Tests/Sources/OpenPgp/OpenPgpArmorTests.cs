using System.Text;
using Images.Baker.OpenPgp;
using Images.Formats;

namespace Images.Baker.Tests.Sources.OpenPgp;

public sealed class OpenPgpArmorTests
{
    private const string Kind = "PUBLIC KEY BLOCK";

    [Theory]
    [InlineData("=Aw==")]
    [InlineData("=AAA=")]
    public void A_checksum_that_has_not_its_24_bits_is_refused(string checksum)
    {
        byte[] file = Encoding.ASCII.GetBytes($"-----BEGIN PGP {Kind}-----\n\nAAAA\n{checksum}\n-----END PGP {Kind}-----\n");
        Should.Throw<MalformedDataException>(() => OpenPgpArmor.DecodeIfArmored(file, Kind, "key"))
            .Message.ShouldContain("the armor's checksum has not 24 bits");
    }
}
