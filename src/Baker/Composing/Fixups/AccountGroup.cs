namespace Images.Baker.Composing.Fixups;

/// <summary>A group with an id that stays the same in every image, because files on the state partition carry it.</summary>
public sealed record AccountGroup(string Name, int Gid);
