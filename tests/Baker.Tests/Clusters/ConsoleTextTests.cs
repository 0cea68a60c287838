using System.Text;
using Images.Baker.Clusters;

namespace Images.Baker.Tests.Clusters;

/// <summary>What of a node's console reaches the terminal of whoever looks at it.</summary>
public sealed class ConsoleTextTests
{
    [Theory]
    [InlineData("[\u001b[0;32m  OK  \u001b[0m] Started etcd.\r\n", "[  OK  ] Started etcd.\n")]
    [InlineData("a\u001b]0;owned\u0007b", "ab")]
    [InlineData("a\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\b", "alinkb")]
    [InlineData("a\u001bP$q\"p\u009cb", "ab")]
    [InlineData("a\u009b31mb\u009d0;title\u0007c", "abc")]
    [InlineData("a\u001b(Bb\u001b7c\u001b[?25ld\u001bc", "abcd")]
    [InlineData("one\ttwo\u0008\u007f\u0085\u0000three", "one twothree")]
    [InlineData("\u001b]never closed\nthe next line", "\nthe next line")]
    [InlineData("é 世 \U0001F600", "é 世 \U0001F600")]
    public void What_steers_a_terminal_is_left_out_wherever_the_console_is_cut(string console, string shown)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(console);
        for (int first = 0; first <= bytes.Length; first++)
        {
            ConsoleText text = new();
            Encoding.UTF8.GetString([.. text.Of(bytes.AsSpan(0, first)), .. text.Of(bytes.AsSpan(first))])
                .ShouldBe(shown, $"cut after {first} bytes");
        }
    }

    [Fact]
    public void No_bytes_lead_to_a_control_character()
    {
        Random random = new(16);
        byte[] bytes = new byte[64];
        byte[] likely = [0x1b, 0x1b, (byte)'[', (byte)']', (byte)'P', 0xc2, 0x9b, 0x07, (byte)';', (byte)'m', (byte)'\n'];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            for (int j = 0; j < bytes.Length; j += 2)
            {
                bytes[j] = likely[random.Next(likely.Length)];
            }

            string shown = Encoding.UTF8.GetString(new ConsoleText().Of(bytes));
            shown.Where(char.IsControl).ShouldAllBe(character => character == '\n', Convert.ToHexString(bytes));
        }
    }

    [Theory]
    [InlineData(true, "red\n")]
    [InlineData(false, "\u001b[31mred\r\n")]
    public async Task A_file_or_pipe_gets_a_console_as_it_is_and_a_terminal_does_not(bool isTerminal, string expected)
    {
        using MemoryStream console = new("\u001b[31mred\r\n"u8.ToArray());
        using MemoryStream output = new();
        await ConsoleView.CopyAsync(console, output, isTerminal ? new ConsoleText() : null, default);
        Encoding.UTF8.GetString(output.ToArray()).ShouldBe(expected);
    }
}
