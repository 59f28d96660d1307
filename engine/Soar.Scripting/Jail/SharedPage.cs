using Microsoft.Win32.SafeHandles;

namespace Soar.Scripting.Jail;

/// <summary>
/// One page of memory that parent and child both see. What the child wrote there just before it died can still be read: which run it had in hand.
/// Sealed, so that a child cannot cut it short under its parent.
/// </summary>
public sealed unsafe class SharedPage : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Bytes; all zero at first.</summary>
    public const int Size = 4096;

    private SharedPage(nint address)
        : base(ownsHandle: true) => SetHandle(address);

    /// <summary>The page; it stays mapped as long as this object is alive.</summary>
    public byte* Address => (byte*)handle;

    /// <summary>A new page and the descriptor that its child inherits; the caller closes the descriptor.</summary>
    internal static (SharedPage Page, int Descriptor) Create()
    {
        int descriptor;
        fixed (byte* name = "soar-page\0"u8)
            descriptor = (int)Linux.Syscall(Linux.Nr.MemfdCreate, (nint)name, 1 /* CLOEXEC */ | 2 /* ALLOW_SEALING */);
        if (descriptor < 0 || Linux.Syscall(Linux.Nr.Ftruncate, descriptor, Size) != 0)
            throw new JailException($"No memory could be shared with a jailed child: {Linux.LastError}.");
        descriptor = Linux.AwayFromTheChildsNumbers(descriptor);
        _ = Linux.Syscall(Linux.Nr.Fcntl, descriptor, 1033 /* F_ADD_SEALS */, 1 | 2 | 4 /* no further seals, no shrinking, no growing */);
        return (Map(descriptor), descriptor);
    }

    /// <summary>The page behind an inherited descriptor.</summary>
    internal static SharedPage Map(int descriptor)
    {
        var address = Linux.Syscall(Linux.Nr.Mmap, 0, Size, 3 /* read, write */, 1 /* shared */, descriptor, 0);
        return address is -1 or 0
            ? throw new JailException($"The memory shared with a jailed child could not be mapped: {Linux.LastError}.")
            : new SharedPage(address);
    }

    protected override bool ReleaseHandle() => Linux.Syscall(Linux.Nr.Munmap, handle, Size) == 0;
}
