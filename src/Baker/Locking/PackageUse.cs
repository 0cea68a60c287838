using System.Text.Json.Serialization;

namespace Images.Baker.Locking;

internal enum PackageUse
{
    /// <summary>Unpacked into the root tree.</summary>
    [JsonStringEnumMemberName("root")]
    Root,

    /// <summary>The initramfs takes programs and libraries from it.</summary>
    [JsonStringEnumMemberName("initramfs")]
    Initramfs,

    /// <summary>The bake takes the UKI stub and the boot loader from it.</summary>
    [JsonStringEnumMemberName("boot")]
    Boot,

    /// <summary>Kubernetes is built with it or from it, or the bootstrapper is linked with it.</summary>
    [JsonStringEnumMemberName("build")]
    Build,
}
