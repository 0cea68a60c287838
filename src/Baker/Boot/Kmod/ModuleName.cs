namespace Images.Baker.Boot.Kmod;

/// <summary>The spellings of module names and aliases.</summary>
internal static class ModuleName
{
    /// <summary><c>virtio-blk</c> and <c>virtio_blk</c> are the same module; the kernel writes '_'.</summary>
    public static string Normalize(string name) => name.Replace('-', '_');

    /// <summary>The module of a file such as <c>kernel/drivers/hid/hid-generic.ko.xz</c>.</summary>
    public static string FromPath(string path)
    {
        string file = path[(path.LastIndexOf('/') + 1)..];
        int suffix = file.IndexOf(".ko", StringComparison.Ordinal);
        return Normalize(suffix < 0 ? file : file[..suffix]);
    }

    /// <summary>As kmod looks aliases up: '-' becomes '_' except inside a character class in brackets.</summary>
    public static string NormalizeAlias(string alias)
    {
        char[] text = alias.ToCharArray();
        bool insideClass = false;
        for (int i = 0; i < text.Length; i++)
        {
            insideClass = text[i] switch { '[' => true, ']' => false, _ => insideClass };
            if (text[i] == '-' && !insideClass)
            {
                text[i] = '_';
            }
        }

        return new string(text);
    }
}
