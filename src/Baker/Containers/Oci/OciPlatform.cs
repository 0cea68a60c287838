namespace Images.Baker.Containers.Oci;

/// <summary>What a manifest of an index runs on.</summary>
internal sealed record OciPlatform(string Os, string Architecture, string? Variant)
{
    public bool Is(string architecture) => Os == "linux" && Architecture == architecture;

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
