namespace Images.Bootstrapper.Identity;

/// <summary>
/// Metadata as bytes: user-data already decompressed, meta-data as the datasource gave it (or as it was made up for one
/// that has none).
/// </summary>
internal sealed record StoredMetadata(byte[] UserData, byte[] MetaData)
{
    /// <summary>User-data holds keys.</summary>
    public override string ToString() => $"user-data of {UserData.Length} bytes";
}
