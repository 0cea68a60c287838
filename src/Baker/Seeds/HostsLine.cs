using Images.NodeConfig;

namespace Images.Baker.Seeds;

/// <summary>
/// A line of a file in the form of /etc/hosts, without its comment: words between blanks, each with its column from 1.
/// </summary>
internal sealed class HostsLine
{
    private readonly string _source;
    private readonly int _number;

    public HostsLine(string source, int number, string text)
    {
        (_source, _number) = (source, number);
        int position = 0;
        while (position < text.Length)
        {
            int start = position;
            while (position < text.Length && !char.IsWhiteSpace(text[position]))
            {
                position++;
            }

            if (position > start)
            {
                Words.Add((text[start..position], start + 1));
            }

            position++;
        }
    }

    public List<(string Text, int Column)> Words { get; } = [];

    public ConfigurationException Error(int column, string problem, string remedy) =>
        new(_source, _number, column, problem, remedy);
}
