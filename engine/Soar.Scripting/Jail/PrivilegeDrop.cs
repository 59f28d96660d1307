namespace Soar.Scripting.Jail;

/// <summary>Where the service runs as root, the child keeps the name and loses the powers: <c>no_new_privs</c> keeps them from coming back with the next exec.</summary>
internal static unsafe class PrivilegeDrop
{
    internal static void DropAll()
    {
        var header = stackalloc uint[2] { 0x20080522 /* _LINUX_CAPABILITY_VERSION_3 */, 0 };
        var none = stackalloc uint[6];
        if (Linux.Syscall(Linux.Nr.Capset, (nint)header, (nint)none) != 0)
            throw new JailException($"The child's privileges could not be dropped: {Linux.LastError}.");
    }
}
