using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Soar.Server.Display;

/// <summary>
/// The terminal, showing nothing of what is typed, pasted or typed ahead until this is disposed of: not by reading key for key, because between two keys a terminal shows what comes.
/// </summary>
internal sealed class HiddenInput : IDisposable
{
    // struct termios of Linux: four flag words, then what is not touched here.
    private const int Size = 60, LocalFlags = 12, Echo = 0x8, AfterFlush = 2;

    private readonly FileStream terminal;
    private readonly StreamReader reader;
    private readonly byte[] before = new byte[Size];
    private readonly CancellationTokenRegistration interrupted;

    /// <summary>Throws SOAR5001 where there is no terminal.</summary>
    public HiddenInput(CancellationToken cancellation)
    {
        try
        {
            terminal = new FileStream("/dev/tty", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SoarException("SOAR5001", "There is no terminal to ask at: give the value on standard input.", error);
        }

        reader = new StreamReader(terminal);
        if (tcgetattr(terminal.SafeFileHandle, before) != 0) return;
        var hidden = (byte[])before.Clone();
        hidden[LocalFlags] = (byte)(hidden[LocalFlags] & ~Echo);
        _ = tcsetattr(terminal.SafeFileHandle, AfterFlush, hidden);
        interrupted = cancellation.Register(Show); // Ctrl-C may end the process from here
    }

    public string ReadLine() => reader.ReadLine() ?? "";

    public void Dispose()
    {
        interrupted.Dispose();
        Show();
        reader.Dispose();
        terminal.Dispose();
    }

    private void Show()
    {
        if (before.Any(b => b != 0)) _ = tcsetattr(terminal.SafeFileHandle, AfterFlush, before);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int tcgetattr(SafeFileHandle terminal, byte[] settings);

    [DllImport("libc", SetLastError = true)]
    private static extern int tcsetattr(SafeFileHandle terminal, int when, byte[] settings);
}
