using Images.Baker.Layers;
using Images.Baker.Locking;
using Images.Baker.Manifest;

namespace Images.Baker.Baking;

/// <summary>A package of the lock with its layer open.</summary>
internal sealed record UnpackedPackage(LockedPackage Locked, InstalledPackage Installed, Layer Layer);
