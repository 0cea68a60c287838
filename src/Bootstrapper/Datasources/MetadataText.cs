using System.Text;
using Images.Formats;
using Images.Formats.Gzip;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources;

/// <summary>From the bytes that a datasource gives to text, through what they may be packed in.</summary>
internal static class MetadataText
{
    private static readonly UTF8Encoding _strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="data">May be gzip.</param>
    /// <param name="name">What the error calls it.</param>
    /// <exception cref="ConfigurationException">It is gzip that cannot be unpacked.</exception>
    public static byte[] Unpack(byte[] data, string name)
    {
        try
        {
            return GzipData.IsGzip(data) ? GzipData.Decompress(data, FoundMetadata.MaximumBytes, name) : data;
        }
        catch (MalformedDataException e)
        {
            throw new ConfigurationException(
                name, 1, 1, $"The text cannot be unpacked: {e.Rule}.", "Pack it again, at most 1 MiB unpacked.");
        }
    }

    /// <summary>User-data to be compared; as it is where it cannot be unpacked.</summary>
    public static byte[] Unpacked(FoundMetadata found)
    {
        try
        {
            return Unpack(found.UserData, found.Source);
        }
        catch (ConfigurationException)
        {
            return found.UserData;
        }
    }

    /// <exception cref="ConfigurationException">It is no UTF-8.</exception>
    public static string Decode(byte[] data, string name)
    {
        try
        {
            return _strict.GetString(data).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new ConfigurationException(
                name, 1, 1, $"Byte {e.Index + 1} is not UTF-8.", "Save the text as UTF-8.");
        }
    }
}
