namespace Images.Baker.Tests.Upgrading;

/// <summary>The program's end at any place: whoever is asked from then on is asked by nobody.</summary>
internal sealed class KilledException : Exception;
