using System.Runtime.InteropServices;
using System.Text;

namespace Soar.Testing.Child;

/// <summary>Raw system calls by their x64 number, past every check that the framework or libc makes.</summary>
internal static unsafe partial class Kernel
{
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0);

    /// <summary>The call's result, or an exception that names the error.</summary>
    internal static nint Must(nint result) => result >= 0 ? result : throw new RefusedException(Marshal.GetLastPInvokeError());

    /// <summary>A string the kernel can read; never freed, the process is short.</summary>
    internal static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    internal static nint Texts(params string[] texts)
    {
        var array = (nint*)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(nint));
        for (var i = 0; i < texts.Length; i++)
            array[i] = Text(texts[i]);
        return (nint)array;
    }

    internal static nint Memory(int bytes = 4096) => (nint)NativeMemory.AllocZeroed((nuint)bytes);

    internal static string ReadAll(nint descriptor)
    {
        var buffer = Memory();
        var length = Must(Call(0, descriptor, buffer, 4096));
        return Encoding.UTF8.GetString((byte*)buffer, (int)length);
    }
}

internal sealed class RefusedException(int errno) : Exception($"errno {errno} ({Marshal.GetPInvokeErrorMessage(errno)})");
