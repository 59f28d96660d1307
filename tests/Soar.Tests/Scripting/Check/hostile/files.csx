//// write with File | attempt: files | expect: file
System.IO.File.WriteAllText("@CANARY@/w01", "x");
return Outcome.Completed();
//// append with File | attempt: files | expect: file
System.IO.File.AppendAllLines("@CANARY@/w02", new[] { "x" });
return Outcome.Completed();
//// read all text | attempt: files | expect: token
return Outcome.Completed(System.IO.File.ReadAllText("@CANARY@/secret.txt"));
//// read lines lazily | attempt: files | expect: token
foreach (var line in System.IO.File.ReadLines("@CANARY@/secret.txt")) return Outcome.Completed(line);
return Outcome.Completed();
//// read passwd | attempt: files | expect: root:
return Outcome.Completed(System.IO.File.ReadAllText("/etc/passwd"));
//// stream reader | attempt: files | expect: token
using var reader = new System.IO.StreamReader("@CANARY@/secret.txt");
return Outcome.Completed(reader.ReadToEnd());
//// stream writer | attempt: files | expect: file
using (var writer = new System.IO.StreamWriter("@CANARY@/w03")) writer.Write("x");
return Outcome.Completed();
//// file stream | attempt: files | expect: file
using (var stream = new System.IO.FileStream("@CANARY@/w04", System.IO.FileMode.Create)) stream.WriteByte(1);
return Outcome.Completed();
//// file info | attempt: files | expect: file
using (var stream = new System.IO.FileInfo("@CANARY@/w05").Create()) stream.WriteByte(1);
return Outcome.Completed();
//// directory listing | attempt: files | expect: secret.txt
return Outcome.Completed(string.Join(" ", System.IO.Directory.GetFiles("@CANARY@")));
//// create a directory | attempt: files | expect: file
System.IO.Directory.CreateDirectory("@CANARY@/w06");
return Outcome.Completed();
//// delete a file | attempt: files | expect: deleted
System.IO.File.Delete("@CANARY@/delete-me");
return Outcome.Completed();
//// move a file | attempt: files | expect: file
System.IO.File.Move("@CANARY@/delete-me", "@CANARY@/w07");
return Outcome.Completed();
//// symbolic link | attempt: files | expect: file
System.IO.File.CreateSymbolicLink("@CANARY@/w08", "/etc/passwd");
return Outcome.Completed();
//// temporary file | attempt: files | expect: tmp
return Outcome.Completed(System.IO.Path.GetTempFileName());
//// file exists tells | attempt: files | expect: none
return Outcome.Completed(System.IO.File.Exists("@CANARY@/secret.txt") ? "True" : "no");
//// random access handle | attempt: files | expect: token
using var handle = System.IO.File.OpenHandle("@CANARY@/secret.txt");
var buffer = new byte[200];
System.IO.RandomAccess.Read(handle, buffer, 0);
return Outcome.Completed(System.Text.Encoding.UTF8.GetString(buffer));
//// method group of File | attempt: files | expect: token
Func<string, string> read = System.IO.File.ReadAllText;
return Outcome.Completed(read("@CANARY@/secret.txt"));
//// method group into Select | attempt: files | expect: token
return Outcome.Completed(new[] { "@CANARY@/secret.txt" }.Select(System.IO.File.ReadAllText).First());
//// file name by interpolation | attempt: files | expect: file
System.IO.File.WriteAllText($"{"@CANARY@"}/w09", "x");
return Outcome.Completed();
//// global alias | attempt: files | expect: file
global::System.IO.File.WriteAllText("@CANARY@/w10", "x");
return Outcome.Completed();
//// in a lambda | attempt: files | expect: file
Action write = () => System.IO.File.WriteAllText("@CANARY@/w11", "x");
write();
return Outcome.Completed();
//// in a local function | attempt: files | expect: file
void Write() => System.IO.File.WriteAllText("@CANARY@/w12", "x");
Write();
return Outcome.Completed();
//// in a record's property | attempt: files | expect: file
return Outcome.Completed(new R().X);

record R { public string X { get { System.IO.File.WriteAllText("@CANARY@/w13", "x"); return ""; } } }
//// in a field initialiser | attempt: files | expect: token
return Outcome.Completed(new R().X);

class R { public string X = System.IO.File.ReadAllText("@CANARY@/secret.txt"); }
//// in a primary constructor's base | attempt: files | expect: token
return Outcome.Completed(new B().X);

record A(string X);
record B() : A(System.IO.File.ReadAllText("@CANARY@/secret.txt"));
//// in a catch filter | attempt: files | expect: file
try { throw new InvalidOperationException("x"); }
catch (Exception) when (System.IO.File.Create("@CANARY@/w14") is not null) { }
return Outcome.Completed();
//// in a default value | attempt: files | expect: token
string F(string? x = null) => x ?? System.IO.File.ReadAllText("@CANARY@/secret.txt");
return Outcome.Completed(F());
//// in a switch arm | attempt: files | expect: token
return Outcome.Completed(1 switch { 1 => System.IO.File.ReadAllText("@CANARY@/secret.txt"), _ => "" });
//// in an interpolation hole | attempt: files | expect: token
return Outcome.Completed($"{System.IO.File.ReadAllText("@CANARY@/secret.txt")}");
//// in a ToString override | attempt: files | expect: token
return Outcome.Completed($"{new R()}");

record R { public override string ToString() => System.IO.File.ReadAllText("@CANARY@/secret.txt"); }
//// copy a file | attempt: files | expect: file
System.IO.File.Copy("/etc/hostname", "@CANARY@/w15");
return Outcome.Completed();
//// asynchronous write | attempt: files | expect: file
await System.IO.File.WriteAllTextAsync("@CANARY@/w16", "x");
return Outcome.Completed();
//// chmod | attempt: files | expect: none
System.IO.File.SetUnixFileMode("@CANARY@/secret.txt", System.IO.UnixFileMode.None);
return Outcome.Completed();
//// drives | attempt: files | expect: none
return Outcome.Completed($"{System.IO.DriveInfo.GetDrives().Length}");
//// watcher | attempt: files | expect: none
using var watcher = new System.IO.FileSystemWatcher("@CANARY@");
return Outcome.Completed();
