using FsCheck;
using FsCheck.Fluent;

namespace Images.Formats.Tests.Tree;

/// <summary>
/// Paths of files for property tests: shallow and deep, with names at and around the lengths at which FAT's and ISO 9660's records change
/// their form. A name never serves for both a file and a folder, and no two differ only in case.
/// </summary>
internal static class AnyPath
{
    private const string Alphabet = "abcdefghij0123456789 .-_+";

    private static readonly int[] _lengths = [1, 8, 9, 12, 13, 14, 26, 27, 30, 31, 32, 64, 65, 110, 200, 254, 255];

    /// <param name="folders">The most that a file lies below.</param>
    public static Gen<string> Of(int folders) => Gen.Frequency(
        (1, Gen.Elements("a", "B/c", "B/D/e.txt", "Long name here.text", "x/y/z/w", "UPPER.TXT", "mixed.Txt", "two.dots.tar", "not ASCII/schön & größer ☃")),
        (3, Drawn(folders)));

    private static Gen<string> Drawn(int folders) =>
        from depth in Gen.Choose(0, folders)
        from parents in Name('g').ArrayOf(depth)
        from name in Name('f')
        select string.Join('/', parents.Append(name));

    private static Gen<string> Name(char first) =>
        from length in Gen.Elements(_lengths)
        from seed in Gen.Choose(0, 3)
        select first + string.Concat(Enumerable.Range(1, length - 1).Select(i => Letter(i, length, seed)));

    /// <summary>A place decides whether its letter is a capital; the last is one that may end a name.</summary>
    private static char Letter(int place, int length, int seed)
    {
        char letter = place == length - 1 ? 'z' : Alphabet[(place * (place + seed)) % Alphabet.Length];
        return place % 3 == 2 ? char.ToUpperInvariant(letter) : letter;
    }
}
