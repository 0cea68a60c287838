using System.Text.Encodings.Web;
using System.Text.Json;

namespace Images.Baker;

/// <summary>How baker writes JSON that people read too: indented, and with no more escapes than JSON needs.</summary>
internal static class IndentedJson
{
    public static JsonWriterOptions Options { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
