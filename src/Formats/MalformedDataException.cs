namespace Images.Formats;

/// <summary>
/// Bytes from outside break a rule of their format. (System.IO.InvalidDataException is sealed, so this stands beside
/// it.)
/// </summary>
/// <param name="file">The file or artefact the bytes came from.</param>
/// <param name="offset">Byte offset at which the rule is broken; -1 where the format has none.</param>
/// <param name="rule">The rule, in the specification's words where it has some.</param>
public sealed class MalformedDataException(string file, long offset, string rule, Exception? inner = null)
    : Exception(offset < 0 ? $"{file}: {rule}" : $"{file}: at byte {offset}: {rule}", inner)
{
    public string File { get; } = file;

    public long Offset { get; } = offset;

    public string Rule { get; } = rule;
}
