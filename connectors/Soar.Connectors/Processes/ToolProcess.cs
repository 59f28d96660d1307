using System.Diagnostics;
using System.Text;
using Soar.Capabilities;

namespace Soar.Connectors.Processes;

/// <summary>How a program ended. <see cref="ExitCode"/> is null when it was killed because its time was over.</summary>
public sealed record ToolResult(int? ExitCode, string Output, string Errors)
{
    /// <summary>It wrote more than is kept; the end is missing.</summary>
    public bool Cut { get; init; }
}

/// <summary>Runs a program with an argument list: no shell ever sees a word of it. Output is bounded, the process group's head is killed at the end of its time.</summary>
public static class ToolProcess
{
    private const int MostOutput = 64 * 1024 * 1024;

    /// <param name="mostOutput">How many characters of its output are kept, and of its errors; what is more is read and dropped.</param>
    public static async Task<ToolResult> RunAsync(IReadOnlyList<string> command, string? input, TimeSpan limit, TimeProvider clock, CancellationToken cancellation, int mostOutput = MostOutput)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        using var process = Start(start);
        using var timer = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        var output = ReadAsync(process.StandardOutput, mostOutput);
        var errors = ReadAsync(process.StandardError, mostOutput);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), both.Token);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading: its exit code and its words tell why
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        try
        {
            await process.WaitForExitAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new ToolResult(null, "", $"took longer than {Durations.Say(limit)} and was ended");
        }
        // an ssh master process keeps the pipes open behind us: what the program itself said is complete once it ended
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation));
        var (said, complained) = (output.IsCompleted ? await output : new Kept("", Cut: false), errors.IsCompleted ? await errors : new Kept("", Cut: false));
        return new ToolResult(process.ExitCode, said.Text, complained.Text) { Cut = said.Cut || complained.Cut };
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            // .NET's own words name the working directory, which has nothing to do with it.
            var why = new System.ComponentModel.Win32Exception(e.NativeErrorCode).Message;
            throw ConnectorFailure.Permanent($"{start.FileName} cannot be started: {why}. {(start.FileName.Contains(' ') ? "Write it word by word: [sudo, -n, nft]." : "Install it, or set command to where it is.")}", e, "not-installed");
        }
    }

    private static async Task<Kept> ReadAsync(StreamReader reader, int most)
    {
        var text = new StringBuilder();
        var buffer = new char[8_192];
        var cut = false;
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            var room = Math.Min(read, most - text.Length);
            text.Append(buffer, 0, room);
            cut |= room < read;
        }
        return new Kept(text.ToString(), cut);
    }

    private sealed record Kept(string Text, bool Cut);
}
