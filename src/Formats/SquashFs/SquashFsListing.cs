namespace Images.Formats.SquashFs;

/// <summary>A directory's listing, as written to the directory table.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Size">Its bytes, uncompressed.</param>
/// <param name="Index">Empty where it fits about one metadata block.</param>
internal sealed record SquashFsListing(
    SquashFsMetadataPosition Start, int Size, IReadOnlyList<SquashFsDirectoryIndex> Index);
