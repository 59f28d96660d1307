//// the parent's memory map | attempt: memory | expect: r-xp
return Outcome.Completed(System.IO.File.ReadAllText("/proc/@PID@/maps"));
//// the parent's memory | attempt: memory | expect: opened
using var memory = System.IO.File.OpenRead("/proc/@PID@/mem");
return Outcome.Completed("opened");
//// marshal read | attempt: memory | expect: none
return Outcome.Completed($"{System.Runtime.InteropServices.Marshal.ReadInt32((nint)0x10000)}");
//// marshal allocate | attempt: memory | expect: none
var p = System.Runtime.InteropServices.Marshal.AllocHGlobal(1 << 20);
return Outcome.Completed();
//// native memory | attempt: memory | expect: none
unsafe { var p = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc(8); p[100000000] = 1; }
return Outcome.Completed();
//// unsafe block | attempt: memory | expect: none
unsafe { int x = 5; int* p = &x; p[1000] = 7; }
return Outcome.Completed();
//// stackalloc | attempt: memory | expect: none
Span<byte> bytes = stackalloc byte[100];
return Outcome.Completed($"{bytes[0]}");
//// stackalloc in an expression | attempt: memory | expect: none
int F() { ReadOnlySpan<int> x = stackalloc[] { 1, 2, 3 }; return x[0]; }
return Outcome.Completed($"{F()}");
//// fixed | attempt: memory | expect: none
unsafe { fixed (char* p = "abc") { p[0] = 'x'; } }
return Outcome.Completed();
//// Unsafe.As | attempt: memory | expect: none
var text = System.Runtime.CompilerServices.Unsafe.As<string>(new object());
return Outcome.Completed(text);
//// Unsafe.Add | attempt: memory | expect: none
int F() { var array = new int[1]; return System.Runtime.CompilerServices.Unsafe.Add(ref array[0], 100000); }
return Outcome.Completed($"{F()}");
//// memory marshal | attempt: memory | expect: none
void F() { var s = System.Runtime.InteropServices.MemoryMarshal.AsMemory("abc".AsMemory()); s.Span[0] = 'x'; }
F();
return Outcome.Completed("abc");
//// collections marshal | attempt: memory | expect: none
var list = new List<int>();
System.Runtime.InteropServices.CollectionsMarshal.SetCount(list, 100);
return Outcome.Completed($"{list.Count}");
//// gc handle | attempt: memory | expect: none
var handle = System.Runtime.InteropServices.GCHandle.Alloc(new byte[5], System.Runtime.InteropServices.GCHandleType.Pinned);
return Outcome.Completed($"{handle.AddrOfPinnedObject()}");
//// string create | attempt: memory | expect: none
return Outcome.Completed(string.Create(5, 1, (span, state) => span.Fill('x')));
//// array pool | attempt: memory | expect: none
var leaked = System.Buffers.ArrayPool<byte>.Shared.Rent(4096);
return Outcome.Completed(string.Concat(leaked.Select(b => (char)b)));
//// buffer memory copy | attempt: memory | expect: none
var target = new byte[4];
Buffer.BlockCopy(new int[] { 1 }, 0, target, 0, 4);
return Outcome.Completed($"{target[0]}");
//// typed reference | attempt: memory | expect: none
int x = 1;
var r = __makeref(x);
return Outcome.Completed($"{__refvalue(r, int)}");
//// explicit layout | attempt: memory | expect: none
var u = new U { A = 5 };
return Outcome.Completed($"{u.B}");

[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
struct U { [System.Runtime.InteropServices.FieldOffset(0)] public long A; [System.Runtime.InteropServices.FieldOffset(0)] public double B; }
//// skip visibility | attempt: memory | expect: none
return Outcome.Completed(Peek.Get("x").ToString());

static class Peek { [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = "get_Length")] public static extern int Get(string s); }
//// pointer in a type argument | attempt: memory | expect: none
var list = new List<nint>();
return Outcome.Completed($"{list.Count}");
//// weak reference | attempt: memory | expect: none
var w = new WeakReference<string>("x");
return Outcome.Completed(w.TryGetTarget(out var t) ? t : "");
//// collect | attempt: memory | expect: none
GC.Collect();
return Outcome.Completed($"{GC.GetTotalMemory(false)}");
//// memory mapped file | attempt: memory | expect: none
using var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateNew(null, 4096);
return Outcome.Completed();
