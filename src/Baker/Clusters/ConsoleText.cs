using System.Text;

namespace Images.Baker.Clusters;

/// <summary>
/// A node's console as a terminal may get it: programs of the node write to it, and some of them what pods and servers
/// said. What steers a terminal (ECMA-48: escape sequences, command strings, control characters) is left out; line
/// feeds stay, tabs become blanks. Bytes come in pieces of any size.
/// </summary>
internal sealed class ConsoleText
{
    private const char Escape = '\u001b', Bell = '\u0007';

    private readonly Decoder _decoder = new UTF8Encoding(false).GetDecoder();
    private State _state;

    private enum State
    {
        Text,

        /// <summary>After ESC.</summary>
        Escape,

        /// <summary>Parameters of a control sequence, up to its final character.</summary>
        Sequence,

        /// <summary>A command string: a window's title, a link, a question to the terminal.</summary>
        String,
    }

    public byte[] Of(ReadOnlySpan<byte> bytes)
    {
        char[] read = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, read, flush: false);
        return Encoding.UTF8.GetBytes(string.Concat(read.Select(Shown)));
    }

    /// <summary>The character, or nothing.</summary>
    private string Shown(char character)
    {
        bool isText = _state == State.Text;
        _state = Next(character);
        return character switch
        {
            '\n' => "\n",
            '\t' when isText => " ",
            _ => isText && !char.IsControl(character) ? character.ToString() : "",
        };
    }

    private State Next(char character) => (_state, character) switch
    {
        (_, '\n') => State.Text, // nothing that was begun swallows more than its line
        (_, Escape) => State.Escape,
        (_, '\u009b') or (State.Escape, '[') => State.Sequence,
        (_, '\u0090' or '\u0098' or '\u009d' or '\u009e' or '\u009f') => State.String,
        (State.Escape, 'P' or 'X' or ']' or '^' or '_') => State.String,
        (State.Escape, >= ' ' and <= '/') => State.Escape, // an intermediate character
        (State.Sequence, >= ' ' and <= '?') => State.Sequence,
        (State.String, not (Bell or '\u009c')) => State.String,
        _ => State.Text,
    };
}
