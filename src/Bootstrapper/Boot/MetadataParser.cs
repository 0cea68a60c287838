using System.Text;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Identity;
using Images.Formats;
using Images.Formats.Gzip;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Boot;

/// <summary>Turns a datasource's bytes into checked metadata.</summary>
internal static class MetadataParser
{
    private static readonly UTF8Encoding _strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ConfigurationException">Names source, line and column.</exception>
    public static AcceptedMetadata Parse(FoundMetadata found, CompiledRoles roles)
    {
        string userDataName = $"{found.Source} user-data";
        byte[] userData = Decompress(found.UserData, userDataName);
        return new AcceptedMetadata
        {
            Source = found.Source,
            Instance = InstanceMetadata.Parse(
                Text(found.MetaData, $"{found.Source} meta-data"), $"{found.Source} meta-data"),
            Metadata = CloudConfig.Parse(Text(userData, userDataName), userDataName, roles),
            Stored = new StoredMetadata(userData, found.MetaData),
        };
    }

    private static byte[] Decompress(byte[] data, string name)
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

    private static string Text(byte[] data, string name)
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
