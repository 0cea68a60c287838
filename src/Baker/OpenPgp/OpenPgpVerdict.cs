using System.Collections.Immutable;

namespace Images.Baker.OpenPgp;

/// <summary>What became of a message's signatures.</summary>
/// <param name="SignedBy">Fingerprints of the certificates with a good signature, sorted.</param>
/// <param name="Rejections">One line for each other signature: why it does not count.</param>
internal sealed record OpenPgpVerdict(ImmutableArray<string> SignedBy, ImmutableArray<string> Rejections);
