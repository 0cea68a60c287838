namespace Images.Formats.SquashFs;

/// <summary>A name and the inode it stands for, already written.</summary>
internal readonly record struct SquashFsListingEntry(
    byte[] Name, SquashFsInodeType Type, uint InodeNumber, SquashFsMetadataPosition Inode);
