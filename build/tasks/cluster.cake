// A cluster of the baked image on this machine, for as long as the terminal stays.
Task("Cluster").Description("Bakes if there is no image, and runs a cluster of it on this machine until Ctrl+C").Does(() =>
{
    if (GetFiles($"{artifacts}/node_*.raw").Count == 0 || !FileExists($"{bakerFolder}/baker.dll"))
    {
        RunTarget("Bake");
    }

    var newest = GetFiles($"{artifacts}/node_*.raw").OrderBy(file => System.IO.File.GetLastWriteTimeUtc(file.FullPath)).Last();
    string[] uplink = HasArgument("no-uplink") ? ["--no-uplink"] : [];
    Run("dotnet", BakerLine(["cluster", "up", "--name", "demo", "--single", "--image", newest.FullPath, "--load", "hello", "--foreground", .. uplink]));
});

// What tests ran as an ordinary user left belongs to his subordinate ids: he alone cannot remove it.
void ClearMachines()
{
    var machines = $"{artifacts}/machines";
    if (DirectoryExists(machines) && FileExists($"{bakerFolder}/baker.dll") && !Environment.IsPrivilegedProcess)
    {
        Run("dotnet", BakerLine(["cluster", "clear", machines]));
    }
}
