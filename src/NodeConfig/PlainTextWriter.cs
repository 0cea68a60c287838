using System.Text;

namespace Images.NodeConfig;

/// <summary>Writes to another writer what <see cref="PlainText"/> leaves of it. Leaves the other open.</summary>
public sealed class PlainTextWriter(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => output.Write(PlainText.Plain(value));

    public override void Write(string? value) => output.Write(value is null ? null : PlainText.Of(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void Flush() => output.Flush();
}
