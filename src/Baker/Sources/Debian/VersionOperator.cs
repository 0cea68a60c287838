namespace Images.Baker.Sources.Debian;

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
