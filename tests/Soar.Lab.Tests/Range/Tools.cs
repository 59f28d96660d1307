using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Soar.Lab.Tests.Range;

/// <summary>Runs programs of the machine and says what is missing for a test. Nothing is ever installed.</summary>
internal static class Tools
{
    public sealed record Result(int ExitCode, string Output, string Errors);

    /// <summary>Skips the running test when a program or root is missing, with the reason.</summary>
    public static void Require(params string[] programs)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "the lab needs root on Linux: it makes network namespaces and starts servers");
        foreach (var program in programs)
            Assert.SkipWhen(Find(program) is null, $"{program} is not installed on this machine");
    }

    public static bool Has(params string[] programs) => OperatingSystem.IsLinux() && Environment.UserName == "root" && programs.All(program => Find(program) is not null);

    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin", "/usr/local/sbin"])
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public static Result Run(string program, params string[] arguments) => RunWith(null, program, arguments);

    public static Result RunWith(string? input, string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, errors.Result);
    }

    /// <summary>Runs what must succeed for the lab to stand.</summary>
    public static string Must(string program, params string[] arguments)
    {
        var result = Run(program, arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {result.ExitCode}: {result.Errors}{result.Output}");
    }

    /// <summary>Starts a server that goes into the background when it listens. It would keep our pipes open, so its words go to a file.</summary>
    public static void Daemon(string log, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in new[] { "-c", "exec \"$0\" \"$@\" >>" + log + " 2>&1 </dev/null", Find(program) ?? program }.Concat(arguments))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} did not start (exit {process.ExitCode}): {File.ReadAllText(log)}");
    }

    /// <summary>Starts a server that stays in the foreground, and returns when its port answers. Its words go to a file. End it with its whole process tree.</summary>
    public static Process Serve(string log, int port, TimeSpan atMost, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in new[] { "-c", "exec \"$0\" \"$@\" >>" + log + " 2>&1 </dev/null", Find(program) ?? program }.Concat(arguments))
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var began = Stopwatch.GetTimestamp();
        while (!Answers(port))
        {
            // Its end is what we wait for between two looks at the port.
            if (process.WaitForExit(TimeSpan.FromMilliseconds(50)))
                throw new InvalidOperationException($"{program} ended (exit {process.ExitCode}) before port {port} answered: {File.ReadAllText(log)}");
            if (Stopwatch.GetElapsedTime(began) <= atMost)
                continue;
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} does not answer on port {port} after {atMost}: {File.ReadAllText(log)}");
        }
        return process;
    }

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program) ?? program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Holds a lock that one process of the machine has at a time.</summary>
    public static FileStream Alone(string path, TimeSpan atMost)
    {
        FileStream? held = null;
        bool Take()
        {
            try
            {
                held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return true;
            }
            catch (IOException)
            {
                return false; // somebody else has it
            }
        }
        return SpinWait.SpinUntil(Take, atMost) ? held! : throw new InvalidOperationException($"{path} is held by another process for more than {atMost}.");
    }

    /// <summary>Waits until a server answers, looking again and again; it must not have ended meanwhile.</summary>
    public static void Until(Func<bool> ready, TimeSpan atMost, Process server, string log)
    {
        if (SpinWait.SpinUntil(() => server.HasExited || ready(), atMost) && !server.HasExited)
            return;
        var how = server.HasExited ? $"ended with {server.ExitCode}" : "does not answer";
        throw new InvalidOperationException($"The server {how}: {(File.Exists(log) ? File.ReadAllText(log) : "")}");
    }

    /// <summary>Does somebody listen there?</summary>
    public static bool Listens(string address, int port)
    {
        try
        {
            using var client = new TcpClient(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Starts a server that stays in the foreground; its words go to a file.</summary>
    public static Process Serve(string log, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in new[] { "-c", "exec \"$0\" \"$@\" >>" + log + " 2>&1 </dev/null", Find(program) ?? program }.Concat(arguments))
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Ends a server and all that it started, and waits for it.</summary>
    public static void End(Process? server)
    {
        if (server is null)
            return;
        if (!server.HasExited)
            Run("kill", server.Id.ToString());
        if (!server.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
        }
        server.Dispose();
    }

    /// <summary>Kills a process by its pid file with all that it started, without a word to them, and waits until they are gone.</summary>
    public static void KillByPidFile(string path)
    {
        using var process = Process.GetProcessById(int.Parse(File.ReadAllText(path).Trim(), System.Globalization.CultureInfo.InvariantCulture));
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>Ends a process by its pid file, as its own programs would.</summary>
    public static void EndByPidFile(string path)
    {
        if (!File.Exists(path) || !int.TryParse(Run("cat", path).Output.Trim(), out var pid)) // Postfix keeps its file locked
            return;
        try
        {
            using var process = Process.GetProcessById(pid);
            Run("kill", pid.ToString());
            if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                process.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // it has ended already
        }
    }
}
