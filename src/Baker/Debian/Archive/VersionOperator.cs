namespace Images.Baker.Debian.Archive;

/// <summary>Debian Policy 7.1.</summary>
internal enum VersionOperator
{
    Any,
    Earlier,
    EarlierOrEqual,
    Equal,
    LaterOrEqual,
    Later,
}
