using Images.Baker.Debian.Packages;
using Images.Baker.Locking;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// A package's own word for what it is, against the lock's: a digest leads to bytes, not to a name, so another genuine
/// package could stand under this one's.
/// </summary>
internal static class LockedControl
{
    /// <param name="package">What the lock says.</param>
    /// <param name="control">The paragraph in the .deb.</param>
    /// <exception cref="BakeException">They differ.</exception>
    public static void Require(LockedPackage package, ControlParagraph control)
    {
        string name = control.Require("Package");
        string architecture = control.Require("Architecture");
        DebVersion version = DebianVersionField.Parse(control.Require("Version"), package.FileName());
        if (name != package.Name
            || architecture != package.Architecture
            || version.CompareTo(DebianVersionField.Parse(package.Version, package.FileName())) != 0)
        {
            throw new BakeException(
                "BAKE0353", package.FileName(),
                $"The lock calls it {package.Name} {package.Version} {package.Architecture}; "
                    + $"it calls itself {name} {version} {architecture}.",
                "Find out who changed the lock. 'baker lock' makes it anew from what is signed.");
        }
    }
}
