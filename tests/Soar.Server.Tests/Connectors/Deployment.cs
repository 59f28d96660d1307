using System.Diagnostics;
using Soar.Testing;

namespace Soar.Server.Tests.Connectors;

/// <summary>A deployment in a folder of its own, and the real program on it.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string> environment = new() { ["SOAR_CACHE"] = "" };

    public Deployment() => environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");

    public string Home => folder.Path;

    /// <summary>What the program is given besides this process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment => environment;
    public string Store => Path.Combine(folder.Path, ".soar");

    public string File(string name, string text) => folder.File(name, text);

    public void Set(string variable, string value) => environment[variable] = value;

    /// <summary>What a build of the example connector puts out, as a third party would copy it.</summary>
    public void InstallSiren()
    {
        var output = Path.Combine(Root(), "connectors", "Example.Siren", "bin", Configuration, "net10.0");
        var target = Directory.CreateDirectory(Path.Combine(folder.Path, "connectors", "siren")).FullName;
        foreach (var file in Directory.GetFiles(output)) System.IO.File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }

    public (int Exit, string Output) Soar(params string[] arguments) => SoarReading("", arguments);

    /// <summary>The same, with something on its standard input.</summary>
    public (int Exit, string Output) SoarReading(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), .. arguments, "--settings", Path.Combine(folder.Path, "soar.yaml"), "--store", Store])
        {
            WorkingDirectory = folder.Path, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>
    /// The same on a terminal (a pseudo terminal that python3 holds): each expected text is waited for, then its answer is typed. What the terminal got, control
    /// characters and all.
    /// </summary>
    public (int Exit, string Output) SoarAtATerminal(IReadOnlyList<(string Expected, string Typed)> dialogue, params string[] arguments)
    {
        const string Terminal = """
            import json, os, pty, select, struct, sys, fcntl, termios, time
            said, command = json.loads(sys.argv[1]), sys.argv[2:]
            child, fd = pty.fork()
            if child == 0: os.execvp(command[0], command)
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 200, 0, 0))
            got, at, end = b'', 0, time.monotonic() + 60
            while True:
                left = end - time.monotonic()
                if left <= 0: os.kill(child, 9); got += b'\n(no end came in time)'; break
                if not select.select([fd], [], [], left)[0]: continue
                try: chunk = os.read(fd, 65536)
                except OSError: break
                if not chunk: break
                got += chunk
                # The cursor's place, for whoever asks: top left.
                if b'\x1b[6n' in chunk: os.write(fd, b'\x1b[1;1R')
                if said and (found := got.find(said[0][0].encode(), at)) >= 0:
                    at = found + 1
                    os.write(fd, (said.pop(0)[1] + '\r').encode())
            status = os.waitpid(child, 0)[1]
            sys.stdout.buffer.write(got)
            sys.exit(os.waitstatus_to_exitcode(status) & 255)
            """;
        var spoken = System.Text.Json.JsonSerializer.Serialize(dialogue.Select(line => new[] { line.Expected, line.Typed }));
        var start = new ProcessStartInfo("python3", ["-c", Terminal, spoken, "dotnet", Path.Combine(AppContext.BaseDirectory, "soar.dll"), .. arguments, "--settings", Path.Combine(folder.Path, "soar.yaml"), "--store", Store])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public void Dispose() => folder.Dispose();

    public static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (System.IO.File.Exists(Path.Combine(at.FullName, "Soar.sln"))) return at.FullName;
        throw new InvalidOperationException("The tests do not run from a checkout.");
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
}
