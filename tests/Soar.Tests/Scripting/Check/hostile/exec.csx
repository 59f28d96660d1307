//// process start | attempt: exec | expect: file
System.Diagnostics.Process.Start("/bin/sh", new[] { "-c", "echo x > @CANARY@/e01" })!.WaitForExit();
return Outcome.Completed();
//// process start info | attempt: exec | expect: file
var info = new System.Diagnostics.ProcessStartInfo("/usr/bin/touch") { ArgumentList = { "@CANARY@/e02" } };
using var process = System.Diagnostics.Process.Start(info)!;
process.WaitForExit();
return Outcome.Completed();
//// new process | attempt: exec | expect: file
using var process = new System.Diagnostics.Process { StartInfo = new("/usr/bin/touch", "@CANARY@/e03") };
process.Start();
process.WaitForExit();
return Outcome.Completed();
//// kill the parent | attempt: exec | expect: killed
System.Diagnostics.Process.GetProcessById(@VICTIM@).Kill();
return Outcome.Completed();
//// list processes | attempt: exec | expect: none
return Outcome.Completed($"{System.Diagnostics.Process.GetProcesses().Length}");
//// exit | attempt: exec | expect: none
Environment.Exit(0);
return Outcome.Completed();
//// fail fast | attempt: exec | expect: none
Environment.FailFast("x");
return Outcome.Completed();
//// load an assembly file | attempt: exec | expect: loaded
var assembly = System.Reflection.Assembly.LoadFrom("@CANARY@/evil.dll");
return Outcome.Completed("loaded " + assembly.FullName);
//// load assembly bytes | attempt: exec | expect: none
System.Reflection.Assembly.Load(new byte[] { 1, 2, 3 });
return Outcome.Completed();
//// load context | attempt: exec | expect: none
var context = new System.Runtime.Loader.AssemblyLoadContext("x");
return Outcome.Completed();
//// native library | attempt: exec | expect: none
var handle = System.Runtime.InteropServices.NativeLibrary.Load("libc.so.6");
return Outcome.Completed(handle != 0 ? "native" : "no");
//// pinvoke | attempt: exec | expect: none
return Outcome.Completed($"{Native.getpid()}");

static class Native { [System.Runtime.InteropServices.DllImport("libc")] public static extern int getpid(); }
//// pinvoke local function | attempt: exec | expect: none
[System.Runtime.InteropServices.DllImport("libc")] static extern int getpid();
return Outcome.Completed($"{getpid()}");
//// emit code | attempt: exec | expect: none
var method = new System.Reflection.Emit.DynamicMethod("x", typeof(int), null);
return Outcome.Completed();
//// function pointer call | attempt: exec | expect: none
unsafe { delegate*<int, int> f = &Math.Abs; return Outcome.Completed($"{f(-1)}"); }
//// posix signal | attempt: exec | expect: none
System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, c => c.Cancel = true);
return Outcome.Completed();
//// app domain events | attempt: exec | expect: none
AppDomain.CurrentDomain.ProcessExit += (s, e) => { };
return Outcome.Completed();
//// debugger | attempt: exec | expect: none
System.Diagnostics.Debugger.Launch();
return Outcome.Completed();
//// roslyn script directive | attempt: exec | expect: none
#r "System.Diagnostics.Process"
return Outcome.Completed();
//// load directive | attempt: exec | expect: none
#load "@CANARY@/other.csx"
return Outcome.Completed();
//// module initializer | attempt: exec | expect: none
return Outcome.Completed();

static class Init { [System.Runtime.CompilerServices.ModuleInitializer] internal static void Run() => System.IO.File.WriteAllText("@CANARY@/e04", "x"); }
