namespace Images.Formats.Gpt;

/// <summary>What both copies of a disk's GPT agree on. Only used entries, in table order.</summary>
internal sealed record GptTable
{
    public required Guid DiskGuid { get; init; }

    public required IReadOnlyList<GptEntry> Entries { get; init; }
}
