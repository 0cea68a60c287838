namespace Images.Bootstrapper.Reporting;

/// <summary>Who stands behind a name of peers.</summary>
internal sealed record PeerStatusLine(string Name, IReadOnlyList<string> Addresses);
