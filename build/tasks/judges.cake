// The foreign programs that tests and benchmarks need, by Debian package. As root (or with sudo that asks nothing) they
// are installed, else named.
// tests/judges.txt lists them for both.
List<(string Program, string Package, bool IsForBench)> ReadJudges() =>
[
    .. System.IO.File.ReadLines($"{repository}/tests/judges.txt")
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(words => (words[0], words[1], words.Length > 2 && words[2] == "bench")),
];

var firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";

// Installing this package starts a daemon wherever systemd runs. The tests want the program only, so the package is
// unpacked here and not installed.
const string onlyUnpacked = "etcd-server";
var unpackedJudges = $"{artifacts}/judges";
Environment.SetEnvironmentVariable("PATH", $"{unpackedJudges}/usr/bin:{EnvironmentVariable("PATH")}");

// QEMU 7 of bookworm runs stale code now and then where a guest has two processors, and breaks cmpxchg16b, which a node needs.
// The distribution's backports have a later one: unpacked too, for the machine's own brings the libraries.
var laterQemu = new[] { "qemu-system-x86", "qemu-system-common", "qemu-system-data" };

bool OnPath(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin:/usr/lib/cni".Split(':')
    .Any(folder => folder.Length > 0 && System.IO.File.Exists(System.IO.Path.Combine(folder, program)));

// null where neither root nor a sudo that works without a password is there
string[] Elevation() =>
    Environment.IsPrivilegedProcess ? []
    : OnPath("sudo") && StartProcess("sudo", new ProcessSettings { Arguments = "-n true", RedirectStandardError = true }) == 0 ? ["sudo", "-n"]
    : null;

void ObtainJudges(string forWhat, bool withBench)
{
    var missing = ReadJudges().Where(judge => (withBench || !judge.IsForBench) && !OnPath(judge.Program))
        .Select(judge => judge.Package).Distinct().ToList();
    if (!System.IO.File.Exists(firmware))
    {
        missing.Add("ovmf");
    }

    if (missing.Count > 0)
    {
        Install(forWhat, missing);
    }

    if (Output("qemu-system-x86_64", "--version").Contains("version 7."))
    {
        UnpackLaterQemu();
    }
}

void Install(string forWhat, List<string> missing)
{
    Console.WriteLine($"{forWhat} lack these Debian packages: {string.Join(' ', missing)}");
    var elevate = Elevation();
    if (elevate is not null)
    {
        Run("env", [.. elevate, "apt-get", "-qq", "update"]);
    }

    if (missing.Contains(onlyUnpacked) && Unpack("", onlyUnpacked))
    {
        missing.Remove(onlyUnpacked);
    }

    if (missing.Count > 0 && elevate is null)
    {
        throw new CakeException($"{forWhat} need these Debian packages: {string.Join(' ', missing)}. Install them as root with apt-get install, then run this again.");
    }

    if (missing.Count > 0)
    {
        Run("env", [.. elevate, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "-y", "--no-install-recommends", .. missing]);
    }
}

// needs no root, only lists that are not too old
bool Unpack(string options, params string[] packages)
{
    EnsureDirectoryExists(unpackedJudges);
    return Shell($"apt-get -qq -o APT::Sandbox::User=root {options} download {string.Join(' ', packages)} && for deb in *.deb; do dpkg-deb -x $deb . || exit 1; done && rm *.deb");
}

// from where the machine has its own, with lists of its own: the machine's stay as they are
void UnpackLaterQemu()
{
    var sources = Output("apt-get", "indextargets --format $(REPO_URI)|$(CODENAME) \"Created-By: Packages\" \"Component: main\"")
        .Split('\n').Select(line => line.Split('|')).FirstOrDefault(words => words.Length == 2 && words[1] is not "" && !words[1].Contains('-'))
        ?? throw new CakeException("The tests need QEMU 8 or later; this machine's apt sources name no suite whose backports could have it.");
    var backports = $"{sources[1]}-backports";
    EnsureDirectoryExists($"{unpackedJudges}/apt/lists/partial");
    EnsureDirectoryExists($"{unpackedJudges}/apt/cache/archives/partial");
    System.IO.File.WriteAllText($"{unpackedJudges}/apt/sources.list", $"deb {sources[0]} {backports} main\n");
    var apart = $"-o Dir::Etc::SourceList={unpackedJudges}/apt/sources.list -o Dir::Etc::SourceParts=- -o Dir::State::Lists={unpackedJudges}/apt/lists -o Dir::Cache={unpackedJudges}/apt/cache -t {backports}";
    if (!Shell($"apt-get -qq -o APT::Sandbox::User=root {apart} update") || !Unpack(apart, laterQemu))
    {
        throw new CakeException($"The tests need QEMU 8 or later, and {backports} could not give it. Install it, or mend what apt-get says above.");
    }
}

bool Shell(string line) =>
    StartProcess("sh", new ProcessSettings { Arguments = new ProcessArgumentBuilder().Append("-c").AppendQuoted(line), WorkingDirectory = unpackedJudges }) == 0;

string Output(string program, string arguments)
{
    StartProcess(program, new ProcessSettings { Arguments = arguments, RedirectStandardOutput = true }, out var lines);
    return string.Join('\n', lines);
}

Task("Judges").Does(() => ObtainJudges("The tests", withBench: false));

Task("BenchJudges").Does(() => ObtainJudges("The benchmarks", withBench: true));
