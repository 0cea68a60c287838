namespace Images.Baker.OpenPgp;

/// <summary>A key of a certificate that may sign data, until it expires.</summary>
/// <param name="Key">The primary key or a subkey.</param>
/// <param name="Expires">The earlier of its own and the primary key's expiry; null for never.</param>
internal sealed record OpenPgpSigningKey(OpenPgpPublicKey Key, DateTimeOffset? Expires);
