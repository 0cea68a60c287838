using System.Diagnostics;
using Images.Bootstrapper.Reporting;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Reporting;

public sealed class NodeConsoleTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_console_that_somebody_paused_holds_nothing_up_and_gets_later_lines()
    {
        using PseudoTerminal terminal = new();
        NodeConsole console = Console(terminal.Path);
        console.WriteLine("before");
        terminal.Read().ShouldContain("bootstrapper: before\r");

        terminal.Pause();
        Elapsed(() => console.WriteLine("first in the pause")).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        Elapsed(() => console.WriteLine("second in the pause")).ShouldBeLessThan(TimeSpan.FromSeconds(2));

        terminal.Resume();
        console.WriteLine("after");
        terminal.Read().ShouldEndWith("bootstrapper: after\r\r\n");
        _machine.ConsoleLines.ShouldBe(["before", "first in the pause", "second in the pause", "after"]);
    }

    [Fact]
    public void A_console_whose_reader_is_gone_loses_lines_and_begins_a_new_one_when_it_is_back()
    {
        string fifo = _machine.Root["/dev/ttyS0"];
        Judge.Run("mkfifo", fifo);
        using FileStream reader = new(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        NodeConsole console = Console(path: null);
        string line = new('x', 50_000); // a pipe holds about 64 KiB
        console.WriteLine(line);
        Elapsed(() => console.WriteLine(line)).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        Elapsed(() => console.WriteLine("dropped")).ShouldBeLessThan(TimeSpan.FromSeconds(2));

        byte[] buffer = new byte[100_000];
        int count = reader.Read(buffer);
        count.ShouldBeGreaterThan(50_000);
        console.WriteLine("later");
        System.Text.Encoding.UTF8.GetString(buffer, 0, reader.Read(buffer)).ShouldBe("\r\nbootstrapper: later\r\n");
    }

    [Fact]
    public void A_console_without_any_reader_is_passed_over()
    {
        Judge.Run("mkfifo", _machine.Root["/dev/ttyS0"]);
        Elapsed(() => Console(path: null).WriteLine("x")).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        _machine.ConsoleLines.ShouldBe(["x"]);
    }

    [Fact]
    public void A_container_writes_to_its_own_console_and_not_to_those_of_its_host()
    {
        using PseudoTerminal host = new(), own = new();
        Console(host.Path);
        _machine.Put("/run/systemd/container", "images\n");
        File.CreateSymbolicLink(_machine.Root["/dev/console"], own.Path);

        _machine.Console.WriteLine("here");

        own.Read().ShouldContain("bootstrapper: here\r");
        host.Read().ShouldBeEmpty();
    }

    /// <summary>With <paramref name="path"/> as the machine's ttyS0.</summary>
    private NodeConsole Console(string? path)
    {
        _machine.Put("/sys/class/tty/console/active", "ttyS0\n");
        if (path is not null)
        {
            File.CreateSymbolicLink(_machine.Root["/dev/ttyS0"], path);
        }

        return _machine.Console;
    }

    private static TimeSpan Elapsed(Action act)
    {
        long started = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(started);
    }
}
