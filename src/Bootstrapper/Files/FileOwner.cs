namespace Images.Bootstrapper.Files;

/// <summary>User and group of a file, by number.</summary>
internal sealed record FileOwner(uint User, uint Group)
{
    /// <summary>Finds <c>user:group</c> or <c>user</c> in the image's accounts.</summary>
    /// <exception cref="InvalidDataException">No such account.</exception>
    public static FileOwner Parse(string text, NodeRoot root)
    {
        string[] names = text.Split(':', 2);
        (uint user, uint primaryGroup) = FindUser(names[0], root);
        return new FileOwner(user, names.Length == 2 ? FindGroup(names[1], root) : primaryGroup);
    }

    public void Own(string path) => LinuxFiles.ChangeOwner(path, User, Group);

    private static (uint User, uint Group) FindUser(string name, NodeRoot root) =>
        name == "root" ? (0, 0) : (Field(root["/etc/passwd"], name, 2), Field(root["/etc/passwd"], name, 3));

    private static uint FindGroup(string name, NodeRoot root) =>
        name == "root" ? 0 : Field(root["/etc/group"], name, 2);

    private static uint Field(string path, string name, int index)
    {
        string? line = File.Exists(path)
            ? File.ReadLines(path)
                .FirstOrDefault(candidate => candidate.StartsWith(name + ":", StringComparison.Ordinal))
            : null;
        string[] fields = line?.Split(':') ?? [];
        return fields.Length > index && uint.TryParse(fields[index], out uint number)
            ? number
            : throw new InvalidDataException($"{path} has no account '{name}'");
    }
}
