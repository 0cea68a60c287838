using System.Runtime.InteropServices;
using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Upgrade;

/// <summary>The image that runs, as an upgrade is compared with it.</summary>
/// <param name="Architecture">Debian's name.</param>
internal sealed record RunningImage(string Name, string Version, string Architecture)
{
    public static RunningImage Read(NodeRoot root)
    {
        ImageDescription image = ImageDescription.Read(root);
        return new RunningImage(image.Name, image.Version, RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            var other => other.ToString(),
        });
    }
}
