using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Boot;

/// <summary>Turns a datasource's bytes into checked metadata.</summary>
internal static class MetadataParser
{
    /// <exception cref="ConfigurationException">Names source, line and column.</exception>
    public static AcceptedMetadata Parse(FoundMetadata found, CompiledRoles roles)
    {
        string userDataName = $"{found.Source} user-data";
        string metaDataName = $"{found.Source} meta-data";
        byte[] userData = MetadataText.Unpack(found.UserData, userDataName);
        return new AcceptedMetadata
        {
            Source = found.Source,
            Origin = found.Origin,
            Instance = InstanceMetadata.Parse(MetadataText.Decode(found.MetaData, metaDataName), metaDataName),
            Metadata = CloudConfig.Parse(MetadataText.Decode(userData, userDataName), userDataName, roles),
            Stored = new StoredMetadata(userData, found.MetaData),
        };
    }
}
