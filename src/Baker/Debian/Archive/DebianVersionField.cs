using Images.Baker.Debian.Packages;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>A version from an index, whose errors name the index.</summary>
internal static class DebianVersionField
{
    /// <exception cref="MalformedDataException">The text is no version.</exception>
    public static DebVersion Parse(string text, string place)
    {
        try
        {
            return DebVersion.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new MalformedDataException(place, -1, exception.Message, exception);
        }
    }
}
