using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>Seeds of one cluster, made by the product's own command, and a key pair for ssh.</summary>
internal sealed class ClusterSeeds
{
    private readonly string _folder;

    public ClusterSeeds(string folder, string cluster = "demo")
    {
        _folder = folder;
        Cluster = cluster;
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        SshKey = Path.Combine(folder, "id_ed25519");
        Judge.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "end-to-end", "-f", SshKey);
    }

    public string Cluster { get; }

    public string SshKey { get; }

    public string Secrets => Path.Combine(_folder, "seeds", "secrets");

    /// <summary>Makes the seed of a role, or of several with commas: the folder, beside which lies its ISO.</summary>
    /// <param name="role">Or roles.</param>
    /// <param name="size">Of the etcd cluster, where etcd is among them.</param>
    /// <param name="more">Further arguments of <c>baker seed</c>.</param>
    public string Role(string role, int? size = null, params string[] more)
    {
        string[] sized = size is null ? [] : ["--size", $"{size}"];
        Judge.Run("dotnet", [BakedImage.Baker, "seed", "--cluster", Cluster, "--role", role, .. sized, .. more,
            "--ssh-key", SshKey + ".pub", "--out", Path.Combine(_folder, "seeds")]);
        return Path.Combine(_folder, "seeds", role.Replace(',', '-'));
    }

    /// <summary>Makes the seed of a machine that is the whole cluster: the folder, beside which lies its ISO.</summary>
    public string Single(params string[] more)
    {
        Judge.Run("dotnet", [BakedImage.Baker, "seed", "--cluster", Cluster, "--single", .. more, "--ssh-key", SshKey + ".pub", "--out", Path.Combine(_folder, "seeds")]);
        return Path.Combine(_folder, "seeds", LoneMachine.WholeCluster.Replace(',', '-'));
    }

    /// <summary>User-data of a role, as the seed's ISO holds it.</summary>
    public string UserData(string role) => File.ReadAllText(Path.Combine(_folder, "seeds", role, "user-data"));

    /// <summary>A folder with the two files of a seed.</summary>
    public string Files(string name, string userData, string metaData)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "user-data"), userData);
        File.WriteAllText(Path.Combine(folder, "meta-data"), metaData);
        return folder;
    }

    /// <summary>A folder of files given here, and beside it their ISO made by genisoimage.</summary>
    public string Genisoimage(string name, string userData, string metaData)
    {
        string folder = Files(name, userData, metaData);
        Judge.Run("genisoimage", "-quiet", "-output", folder + ".iso", "-volid", "cidata", "-joliet", "-rock", Path.Combine(folder, "user-data"), Path.Combine(folder, "meta-data"));
        return folder;
    }

    /// <summary>A seed made by cloud-localds from files given here.</summary>
    public string CloudLocaldsIso(string name, string userData, string metaData)
    {
        string folder = Files(name, userData, metaData);
        Judge.Run("cloud-localds", folder + ".iso", Path.Combine(folder, "user-data"), Path.Combine(folder, "meta-data"));
        return folder + ".iso";
    }

    /// <summary>A FAT volume labelled CIDATA, made by mkfs.vfat and mcopy from files given here.</summary>
    public string FatVolume(string name, string userData, string metaData)
    {
        string folder = Files(name, userData, metaData);
        string volume = folder + ".vfat";
        File.Delete(volume);
        Judge.Run("mkfs.vfat", "-n", "CIDATA", "-C", volume, "4096");
        Judge.Run("mcopy", "-i", volume, Path.Combine(folder, "user-data"), Path.Combine(folder, "meta-data"), "::");
        return volume;
    }

    /// <summary>A client certificate of an authority of the cluster (as etcd-client), made by openssl.</summary>
    public ClientIdentity Client(string authority)
    {
        string signer = Path.Combine(Secrets, authority + ".crt"), client = Path.Combine(_folder, authority + "-tester");
        ClientIdentity identity = new(client + ".crt", client + ".key", signer);
        Judge.Run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=tester", "-keyout", identity.Key, "-out", client + ".csr");
        Judge.Run("openssl", "x509", "-req", "-in", client + ".csr", "-CA", signer, "-CAkey", Path.Combine(Secrets, authority + ".key"), "-CAcreateserial", "-days", "1", "-out", identity.Certificate);
        return identity;
    }
}
