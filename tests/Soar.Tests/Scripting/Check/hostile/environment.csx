//// environment variable | attempt: environment | expect: token
return Outcome.Completed(Environment.GetEnvironmentVariable("SOAR_HOSTILE_TOKEN") ?? "");
//// all environment variables | attempt: environment | expect: token
var all = "";
foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables()) all += entry.Key + "=" + entry.Value + " ";
return Outcome.Completed(all);
//// expand a variable | attempt: environment | expect: token
return Outcome.Completed(Environment.ExpandEnvironmentVariables("%SOAR_HOSTILE_TOKEN%"));
//// the parent's environment | attempt: environment | expect: token
return Outcome.Completed(System.IO.File.ReadAllText("/proc/@PID@/environ"));
//// own environment by proc | attempt: environment | expect: token
return Outcome.Completed(System.IO.File.ReadAllText("/proc/self/environ"));
//// machine name | attempt: environment | expect: none
return Outcome.Completed(Environment.MachineName);
//// user name | attempt: environment | expect: none
return Outcome.Completed(Environment.UserName);
//// process id | attempt: environment | expect: none
return Outcome.Completed($"{Environment.ProcessId}");
//// command line | attempt: environment | expect: none
return Outcome.Completed(Environment.CommandLine);
//// stack trace of the engine | attempt: environment | expect: none
return Outcome.Completed(Environment.StackTrace);
//// current directory | attempt: environment | expect: none
return Outcome.Completed(Environment.CurrentDirectory);
//// app context data | attempt: environment | expect: none
return Outcome.Completed($"{AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")}");
//// app context switch | attempt: environment | expect: none
AppContext.SetSwitch("x", true);
return Outcome.Completed();
//// write to the engine's pipe | attempt: environment | expect: none
Console.OpenStandardOutput().Write(new byte[] { 255, 255, 255, 127 });
return Outcome.Completed();
//// console | attempt: environment | expect: none
Console.WriteLine("x");
return Outcome.Completed();
//// write to descriptor by proc | attempt: environment | expect: none
System.IO.File.WriteAllText("/proc/self/fd/1", "x");
return Outcome.Completed();
//// culture of the thread | attempt: environment | expect: none
CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
return Outcome.Completed();
//// culture by name | attempt: environment | expect: none
return Outcome.Completed(1.5.ToString(CultureInfo.GetCultureInfo("de-DE")));
//// processors | attempt: environment | expect: none
return Outcome.Completed($"{Environment.ProcessorCount}");
//// operating system | attempt: environment | expect: none
return Outcome.Completed(OperatingSystem.IsLinux() ? "linux" : "other");
//// runtime information | attempt: environment | expect: none
return Outcome.Completed(System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
//// trace listener | attempt: environment | expect: none
System.Diagnostics.Trace.WriteLine("x");
return Outcome.Completed();
//// certificates | attempt: environment | expect: none
var store = new System.Security.Cryptography.X509Certificates.X509Store();
return Outcome.Completed();
