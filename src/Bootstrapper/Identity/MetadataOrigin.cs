namespace Images.Bootstrapper.Identity;

/// <summary>Where metadata came from, told so that it is known again at a later boot.</summary>
/// <param name="Kind">The datasource.</param>
/// <param name="Place">
/// Within it: a URL as it may be shown, a folder, a drive's place on the machine. Not the content, which may change.
/// </param>
internal sealed record MetadataOrigin(string Kind, string Place)
{
    public override string ToString() => $"{Kind} ({Place})";
}
