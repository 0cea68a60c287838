using System.Text;

namespace Images.Formats.SquashFs;

/// <summary>Names between the tree's strings and the format's bytes; what is not strictly UTF-8 is null.</summary>
internal static class SquashFsNames
{
    private static readonly UTF8Encoding _strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[]? Encode(string name)
    {
        try
        {
            return _strict.GetBytes(name);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    public static string? Decode(ReadOnlySpan<byte> name)
    {
        try
        {
            return _strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
