namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>One file of a golden, with its mode and owner.</summary>
internal sealed record GoldenFile(string Mode, string Owner, string Text);
