namespace Images.Bootstrapper.Cli;

internal static class Usage
{
    public static int Print(TextWriter output)
    {
        output.WriteLine("""
            usage: bootstrapper COMMAND
              boot              find metadata, decide identity and role, start the role (run by systemd)
              prepare UNIT      wait for what the unit needs, make its certificates and files (run by systemd)
              settle UNIT       wait until others may rely on what the unit has started (run by systemd)
              release UNIT      give back the lease that the unit's process held when it ended (run by systemd)
              drain             let this worker's pods end before the machine does (run by systemd)
              import-containers put the container images that this image carries into containerd (run by systemd)
              renew-disk DEVICE SECTORS  give a new disk identifiers of its own (run by /init)
              agent             follow the machine's services (run by systemd)
              dns ADDRESS FILE SERVER  answer the cluster's names, with a server for others (run by systemd)
              status [--json]   who this machine is, how its services are, which peers it sees
              why [--json]      which datasource was asked, what it said, and what was decided from it
              accept metadata   let the next boot take metadata of another source, the known one being gone
              accept machine    let the next boot take this for the same machine, its hardware being another
              upgrade - | FILE | URL --sha256 HEX [--no-reboot] [--again] [--stage]
                                write an image into the slot that does not run, and restart into it on trial;
                                --stage only writes it
              upgrade --arm ROOTHASH [--no-reboot]  restart into what was staged, on trial
              upgrade --look    what runs, what is staged and what was given up, as JSON
              rollback [--no-reboot]  start the image in the other slot from now on
              image-health      whether the image on trial is well (run by systemd)
              bless             keep the image on trial (run by systemd)
              etcd remove MEMBER  remove a member of etcd for good, by its name, id or address
              etcd snapshot [FILE]  take a snapshot of etcd's data and prove that it can be restored
              etcd prove FILE   prove that a cluster can be restored from a snapshot; nothing else changes
              etcd restore FILE [--yes]  begin a cluster on this machine with what a snapshot holds
              etcd hand-over    let another member lead, before this one stops
              etcd defrag       write this member's database anew without its free pages
              reset [--yes]     forget identity, certificates and the role's data
            """);
        return ExitCodes.Usage;
    }
}
