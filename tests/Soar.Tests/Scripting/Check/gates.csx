//// files | refused: SOAR1221@1:19
var x = System.IO.File.ReadAllText("a");
//// files | allowed: near
var x = await Http.Get("a");
//// console | refused: SOAR1221@1:1
Console.WriteLine("x");
//// console | allowed: near
await Note("x");
//// network | refused: SOAR1221@1:5
var c = new System.Net.Http.HttpClient();
//// network | allowed: near
var c = new Uri("https://example.org");
//// processes | refused: SOAR1221@1:20
System.Diagnostics.Process.Start("ls");
//// processes | allowed: near
await Run("ls");
//// environment | refused: SOAR1221@1:9
var x = Environment.MachineName;
//// environment | allowed: near
var x = Input("machine", "m1", "The machine");
//// threads | refused: SOAR1222@1:5
new System.Threading.Thread(() => { }).Start();
//// threads | allowed: near
await All(Note("a"), Note("b"));
//// Task.Delay | refused: SOAR1222@1:7
await Task.Delay(5);
//// Task.Delay | allowed: near
await Wait(5.Seconds);
//// Task.WhenAll | refused: SOAR1222@1:7
await Task.WhenAll();
//// Task.WhenAll | allowed: near
await All(new[] { Note("a") });
//// Task in a variable | refused: SOAR1231@1:6
Task t = null!;
//// Task in a variable | allowed: near
Step t = Note("a");
await t;
//// Tasks in a collection | refused: SOAR1231@1:5
var all = new List<Task<int>>();
//// Tasks in a collection | allowed: near
var all = new List<Step>();
all.Add(Note("a"));
await All(all);
//// async Task function | refused: SOAR1233@1:1
async Task F() { await Note("x"); }
//// async Task function | allowed: near
async Step F() { await Note("x"); }
await F();
//// async void | refused: SOAR1233@1:1
async void F() { await Note("x"); }
//// async void | allowed: near
async Step F() => await Note("x");
await F();
//// async lambda in LINQ | refused: SOAR1232@1:30
var all = new[] { 1 }.Select(async x => { await Note("x"); return x; }).Count();
//// async lambda in LINQ | allowed: near
var all = await ForEach(new[] { 1 }, async x => { await Note("x"); return x; });
//// async void lambda | refused: SOAR1233@1:12
Action f = async () => await Note("x");
//// async void lambda | allowed: near
Action f = () => { };
f();
//// step not awaited | refused: SOAR1230@1:1
Note("x");
//// step not awaited | allowed: near
await Note("x");
//// step discarded | refused: SOAR1230@1:1
_ = Note("x");
//// step discarded | allowed: near
var step = Note("x");
await step;
//// step stored and forgotten | refused: SOAR1230@1:5
var step = Note("x");
//// step stored and forgotten | allowed: near
var step = Note("x");
await Ask("lead", "ok?", [step]);
//// step as a value | refused: SOAR1230@2:33
var note = Note("x");
return Outcome.Completed(AsJson(note).GetRawText());
//// step as a value | allowed: near
var owner = Isp.Owner(IpAddress.Parse("203.0.113.7"));
return Outcome.Completed(AsJson(await owner).GetRawText());
//// escalation without an end | refused: SOAR1240@1:34
var d = await Ask("lead", "ok?", escalateTo: "head");
//// escalation without an end | allowed: near
var d = await Ask("lead", "ok?", within: 1.Hours, escalateTo: "head");
//// awaiting something else | refused: SOAR1234@1:1
await new[] { 1 };
//// awaiting something else | allowed: near
await Note($"{new[] { 1 }}");
//// awaiter of its own | refused: SOAR1234@1:20
class A { public A GetAwaiter() => this; }
//// awaiter of its own | allowed: near
class A { public A Self() => this; }
//// get awaiter by hand | refused: SOAR1220@1:11
Note("x").GetAwaiter();
//// get awaiter by hand | allowed: near
await Note("x").Retry(2);
//// GetType | refused: SOAR1223@1:5
var t = "x".GetType();
//// GetType | allowed: near
var t = "x" is string;
//// typeof | refused: SOAR1223@1:5
var t = typeof(string);
//// typeof | allowed: near
var t = nameof(String);
//// EqualityContract | refused: SOAR1223@1:33
record R { public string F() => EqualityContract.Name; }
//// EqualityContract | allowed: near
record R { public string F() => nameof(R); }
//// dynamic | refused: SOAR1223@1:1
dynamic d = 1;
//// dynamic | allowed: near
object d = 1;
//// expression tree | refused: SOAR1223@1:25
System.Linq.Expressions.Expression<Func<int>> e = () => 1;
//// expression tree | allowed: near
Func<int> e = () => 1;
//// attribute | refused: SOAR1203@1:1
[Obsolete] record R;
//// attribute | allowed: near
record R;
//// unsafe | refused: SOAR1204@1:1
unsafe { }
//// unsafe | allowed: near
{ }
//// stackalloc | refused: SOAR1204@1:10
var n = (stackalloc int[5]).Length;
//// stackalloc | allowed: near
var n = (new int[5]).Length;
//// pointer | refused: SOAR1204@1:1
unsafe { int* p = null; }
//// pointer | allowed: near
{ int? p = null; }
//// finalizer | refused: SOAR1205@1:11
class F { ~F() { } }
//// finalizer | allowed: near
class F { public F() { } }
//// static field | refused: SOAR1206@1:11
class S { static int x; }
//// static field | allowed: near
class S { const int x = 1; }
//// static property | refused: SOAR1206@1:22
class S { static int X { get; set; } }
//// static property | allowed: near
class S { static int X => 1; }
//// struct | refused: SOAR1205@1:8
struct S { }
//// struct | allowed: near
record S;
//// generic type | refused: SOAR1205@1:9
record G<T>(T X);
//// generic type | allowed: near
record G(List<int> X);
//// generic function | refused: SOAR1205@1:1
T F<T>(T x) => x;
//// generic function | allowed: near
int F(int x) => x;
//// operator | refused: SOAR1205@1:19
record O(int X) { public static O operator -(O o) => o; }
//// operator | allowed: near
record O(int X) { public O Minus() => this; }
//// interface | refused: SOAR1205@1:11
interface I { }
//// interface | allowed: near
abstract record I;
//// delegate type | refused: SOAR1205@1:15
delegate void D();
//// delegate type | allowed: near
Action d = () => { };
//// deriving from outside | refused: SOAR1207@1:11
class L : List<int> { }
//// deriving from outside | allowed: near
class L : B { }
class B { }
//// implementing an interface | refused: SOAR1207@1:12
record R : IDisposable { public void Close() { } }
//// implementing an interface | allowed: near
record R { public void Close() { } }
//// deriving from the playbook | refused: SOAR1207@1:20
abstract class P : Soar.Facades.PlaybookBase { }
//// deriving from the playbook | allowed: near
abstract class P { }
//// creation in an initialiser | refused: SOAR1205@1:25
class A { public A? B = new A(); }
//// creation in an initialiser | allowed: near
class A { public List<int> B = new(); }
//// nested type | refused: SOAR1205@1:19
record O { record N; }
//// nested type | allowed: near
record O;
record N;
//// own Dispose | refused: SOAR1205@1:23
class D { public void Dispose() { } }
//// own Dispose | allowed: near
class D { public void Close() { } }
//// clock | refused: SOAR1224@1:18
var t = DateTime.Now;
//// clock | allowed: near
var t = Now;
//// clock utc | refused: SOAR1224@1:24
var t = DateTimeOffset.UtcNow.AddDays(1);
//// clock utc | allowed: near
var t = Now.AddDays(1);
//// local time | refused: SOAR1224@1:13
var t = Now.ToLocalTime();
//// local time | allowed: near
var t = Now.ToUniversalTime();
//// random | refused: SOAR1225@1:5
var r = new Random(5);
//// random | allowed: near
var r = new List<int>(5);
//// guid | refused: SOAR1225@1:14
var g = Guid.NewGuid();
//// guid | allowed: near
var g = Guid.Parse("3f2504e0-4f89-11d3-9a0c-0305e82c3301");
//// shuffle | refused: SOAR1225@1:21
var s = new[] { 1 }.Shuffle().ToList();
//// shuffle | allowed: near
var s = new[] { 1 }.Reverse().ToList();
//// hash code | refused: SOAR1226@1:13
var h = "x".GetHashCode();
//// hash code | allowed: near
var h = "x".Length;
//// record hash code | refused: SOAR1226@1:18
var h = new R(1).GetHashCode();
record R(int X);
//// record hash code | allowed: near
var h = new R(1).Equals(new R(1));
record R(int X);
//// hash code override | refused: SOAR1226@1:31
class C { public override int GetHashCode() => 1; }
//// hash code override | allowed: near
class C { public override string ToString() => "1"; }
//// immutable | refused: SOAR1228@1:5
var i = System.Collections.Immutable.ImmutableHashSet.Create(1);
//// immutable | allowed: near
var i = new HashSet<int> { 1 };
//// frozen | refused: SOAR1228@1:5
var f = System.Collections.Frozen.FrozenSet.ToFrozenSet(new[] { 1 });
//// frozen | allowed: near
var f = new[] { 1 }.ToHashSet();
//// concurrent | refused: SOAR1228@1:5
var c = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
//// concurrent | allowed: near
var c = new Dictionary<string, int>();
//// directive r | refused: SOAR1202@1:1
#r "System.IO"
//// directive r | allowed: near
#region r
var x = 1;
#endregion
x++;
//// directive load | refused: SOAR1202@1:1
#load "x.csx"
//// directive load | allowed: near
// #load "x.csx"
//// directive line | refused: SOAR1202@1:1
#line 5 "x.csx"
//// directive line | allowed: near
/* #line 5 "x.csx" */
//// directive if | refused: SOAR1202@1:1
#if X
#endif
//// directive if | allowed: near
if (Now.Hour > 5) { }
//// culture comparison | refused: SOAR1227@1:16
var c = string.Compare("a", "b");
//// culture comparison | allowed: near
var c = string.CompareOrdinal("a", "b");
//// culture sort | refused: SOAR1227@1:23
var c = new[] { "b" }.OrderBy(x => x).First();
//// culture sort | allowed: near
var c = new[] { "b" }.OrderBy(x => x, StringComparer.Ordinal).First();
//// culture lower | refused: SOAR1227@1:13
var c = "A".ToLower();
//// culture lower | allowed: near
var c = "A".ToLowerInvariant();
//// culture starts with | refused: SOAR1227@1:13
var c = "A".StartsWith("a");
//// culture starts with | allowed: near
var c = "A".StartsWith("a", StringComparison.OrdinalIgnoreCase);
//// culture enum | refused: SOAR1227@1:42
var c = "A".Equals("a", StringComparison.InvariantCulture);
//// culture enum | allowed: near
var c = "A".Equals("a", StringComparison.Ordinal);
//// this | refused: SOAR1236@1:5
var me = this;
//// this | allowed: near
class C { int x; public void F() { this.x = 1; } }
//// the body again | refused: SOAR1236@1:7
await Body();
//// the body again | allowed: near
async Step Inner() { await Note("x"); }
await Inner();
//// explicit site | refused: SOAR1236@1:17
await Note("x", at: default);
//// explicit site | allowed: near
await Note(text: "x");
//// adding delegates | refused: SOAR1237@2:1
Action f = () => { };
f += f;
//// adding delegates | allowed: near
var f = 1;
f += f;
//// lock | refused: SOAR1209@1:1
lock ("x") { }
//// lock | allowed: near
checked { }
//// goto | refused: SOAR1209@1:1
x: goto x;
//// goto | allowed: near
while (true) break;
//// goto case | refused: SOAR1209@1:22
switch (1) { case 1: goto default; default: break; }
//// goto case | allowed: near
switch (1) { case 1: default: break; }
//// await foreach | refused: SOAR1209@1:1
await foreach (var x in (IAsyncEnumerable<int>)null!) { }
//// await foreach | allowed: near
foreach (var x in new[] { 1 }) { }
//// await using | refused: SOAR1209@1:1
await using (var x = (IAsyncDisposable)null!) { }
//// await using | allowed: near
using (var x = JsonDocument.Parse("1")) { }
//// query | refused: SOAR1201@1:9
var q = from x in new[] { 1 } select x;
//// query | allowed: near
var q = new[] { 1 }.Select(x => x);
//// using an outside namespace | refused: SOAR1208@1:7
using System.IO;
//// using an outside namespace | allowed: near
using System.Linq;
//// using alias | refused: SOAR1208@1:1
using L = System.Collections.Generic.List<int>;
//// using alias | allowed: near
using System.Collections.Generic;
//// ref local | refused: SOAR1201@1:18
int F(int[] a) { ref int x = ref a[0]; return x; }
//// ref local | allowed: near
int F(int[] a) { int x = a[0]; return x; }
//// span | refused: SOAR1220@1:11
int F() { ReadOnlySpan<char> s = "x"; return s.Length; }
//// span | allowed: near
int F() { string s = "x"; return s.Length; }
//// width | refused: SOAR1238@1:14
var s = $"{1,1000}";
//// width | allowed: near
var s = $"{1,999}";
//// format | refused: SOAR1238@1:13
var s = $"{1:D1000}";
//// format | allowed: near
var s = $"{1:D999}";
//// format of a duration | refused: SOAR1242@1:19
var s = $"{5.Hours:hh:mm}";
//// format of a duration | allowed: near
var s = $"{5.Hours:hh\\:mm}";
//// format of a text for people | refused: SOAR1242@1:21
await Note($"{Now,20:Q}");
//// format of a text for people | allowed: near
await Note($"{Now,20:yyyy-MM-dd}");
//// format of what has none | refused: SOAR1242@1:37
await Note($"{IpAddress.Parse("::1"):F2}");
//// format of what has none | allowed: near
await Note($"{IpAddress.Parse("::1"),20}");
//// observables unmetered | refused: SOAR1220@1:9
var s = ObservableText.Find("a.example").Count;
//// observables unmetered | allowed: near
var s = Observables.In("a.example").Count;
//// defanging unmetered | refused: SOAR1220@1:9
var s = Defanged.Text("a.example");
//// defanging unmetered | allowed: near
var s = Observables.Defang("a.example");
//// computed format | refused: SOAR1238@1:20
var s = 1.ToString("D" + Now.Hour);
//// computed format | allowed: near
var s = 1.ToString("D4");
//// exception as text | refused: SOAR1239@1:45
try { } catch (Exception e) { await Note($"{e}"); }
//// exception as text | allowed: near
try { } catch (Exception e) { await Note($"{e.Message}"); }
//// exception in a tuple as text | refused: SOAR1239@1:45
try { } catch (Exception e) { await Note($"{(e, 1)}"); }
//// exception in a tuple as text | allowed: near
try { } catch (Exception e) { await Note($"{(e.Message, 1)}"); }
//// exception in a tuple that says itself | refused: SOAR1239@1:42
try { } catch (Exception e) { await Note((e, 1).ToString()); }
//// exception in a tuple that says itself | allowed: near
try { } catch (Exception e) { await Note((e.Message, 1).ToString()); }
//// exception in an anonymous record as text | refused: SOAR1239@1:45
try { } catch (Exception e) { await Note($"{new { e }}"); }
//// exception in an anonymous record as text | allowed: near
try { } catch (Exception e) { await Note($"{new { e.Message }}"); }
//// exception in a record as text | refused: SOAR1239@1:45
try { } catch (Exception e) { await Note($"{new Seen(e)}"); }
record Seen(Exception What);
//// exception in a record as text | allowed: near
try { } catch (Exception e) { await Note($"{new Seen(e)}"); }
record Seen(Exception What) { public override string ToString() => What.Message; }
//// exceptions in a list as text | refused: SOAR1239@2:15
var all = new List<Exception>();
await Note($"{all}");
//// exceptions in a list as text | allowed: near
var all = new List<Exception>();
await Note($"{all.Select(e => e.Message)}");
//// stack trace | refused: SOAR1239@1:44
try { } catch (Exception e) { await Note(e.StackTrace); }
//// stack trace | allowed: near
try { } catch (Exception e) { await Note(e.Message); }
//// json serializer | refused: SOAR1220@1:9
var s = JsonSerializer.Serialize(1);
//// json serializer | allowed: near
var s = JsonDocument.Parse("1").RootElement.GetRawText();
//// big integer | refused: SOAR1238@1:5
var b = System.Numerics.BigInteger.One;
//// big integer | allowed: near
var b = 1m;
//// implicit conversion of an outside type | refused: SOAR1220@1:24
System.Text.Json.Nodes.JsonNode n = 5;
//// implicit conversion of an outside type | allowed: near
Text n = "5";
//// implicit enumerator | refused: SOAR1220@1:19
foreach (var x in new System.Collections.ArrayList()) { }
//// implicit enumerator | allowed: near
foreach (var x in new List<int>()) { }
//// implicit dispose | refused: SOAR1222@1:33
using var x = (IDisposable?)new System.Threading.CancellationTokenSource();
//// implicit dispose | allowed: near
using var x = JsonDocument.Parse("1");
//// implicit deconstruction | refused: SOAR1220@1:1
var (a, b) = new System.Collections.DictionaryEntry(1, 2);
//// implicit deconstruction | allowed: near
var (a, b) = new KeyValuePair<int, int>(1, 2);
//// engine's names | refused: SOAR1236@1:5
var __x = 1;
//// engine's names | allowed: near
var _x = 1;
//// engine's types | refused: SOAR1220@1:15
Soar.Language.Meter.Loop();
//// engine's types | allowed: near
Verdict v = Soar.Verdict.Benign;
//// delegate's method | refused: SOAR1223@2:5
Func<int> f = () => 1;
var m = f.Method;
//// delegate's method | allowed: near
Func<int> f = () => 1;
var m = f.Invoke();
//// today by parsing | refused: SOAR1224@1:24
var t = DateTimeOffset.Parse("12:00", CultureInfo.InvariantCulture);
//// today by parsing | allowed: near
var t = TimeOnly.Parse("12:00", CultureInfo.InvariantCulture);
//// today by a short format | refused: SOAR1224@1:38
var t = DateTime.ParseExact("12:00", "HH:mm", CultureInfo.InvariantCulture);
//// today by a short format | allowed: near
var t = DateTime.ParseExact("2026-01-01 12:00", "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
//// exception as an object | refused: SOAR1239@1:12
object o = new InvalidOperationException("x");
//// exception as an object | allowed: near
Exception o = new InvalidOperationException("x");
//// exceptions joined | refused: SOAR1239@2:9
var all = new List<Exception>();
var s = string.Join(", ", all);
//// exceptions joined | allowed: near
var all = new List<Exception>();
var s = string.Join(", ", all.Select(e => e.Message));
//// lambda that needs a delegate type | refused: SOAR1205@1:5
var f = (int x = 5) => x;
//// lambda that needs a delegate type | allowed: near
var f = (int x) => x;
//// the playbook's base as a type | refused: SOAR1220@1:24
object o = 1; if (o is Soar.Language.Script q) { }
//// the playbook's base as a type | allowed: near
object o = 1; if (o is Soar.Verdict q) { }
//// amplifier as a delegate | refused: SOAR1238@1:23
Func<int, string> g = "x".PadLeft;
//// amplifier as a delegate | allowed: near
Func<int, string> g = n => "x".PadLeft(n);
//// format as a delegate | refused: SOAR1238@1:26
Func<string, string> g = 1.ToString;
//// format as a delegate | allowed: near
Func<string> g = 1.ToString;
//// retry of a combinator | refused: SOAR1235@1:33
await All(Note("a"), Note("b")).Retry(3);
//// retry of a combinator | allowed: near
await All(Note("a").Retry(3), Note("b").Retry(3)).Timeout(1.Hours);
//// retry of a function | refused: SOAR1235@1:11
await F().Retry(3);
async Step F() => await Note("x");
//// retry of a function | allowed: near
await F().Retry(3);
Step F() => Note("x");
//// .NET's own regular expressions | refused: SOAR1238@1:43
var fits = System.Text.RegularExpressions.Regex.IsMatch("a", "a");
//// .NET's own regular expressions | allowed: near
var fits = Regex.IsMatch("a", "a");
//// pattern that looks ahead | refused: SOAR1241@1:31
var fits = Regex.IsMatch("a", "a(?=b)");
//// pattern that looks ahead | allowed: near
var fits = Regex.Match("a", "(a)b").Groups[1].Success;
//// pattern that is none | refused: SOAR1241@2:61
const string Open = "(";
var parts = Regex.Replace("a", "b", "c") + Regex.Count("a", Open + "a");
//// pattern that is none | allowed: near
const string Open = "(";
var parts = Regex.Count("a", Regex.Escape(Open) + "a");
//// pattern too large | refused: SOAR1241@1:31
var fits = Regex.IsMatch("a", "((a{1,100}){1,100}){1,100}");
//// pattern too large | allowed: near
var fits = Regex.IsMatch("a", "((a{1,10}){1,10}){1,10}");
//// async method builder by attribute | refused: SOAR1203@1:1
[System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(string))] class T { }
//// async method builder by attribute | allowed: near
class T { }
//// async method builder on a function | refused: SOAR1203@1:1
[System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(string))] async Step F() { await Note("x"); }
await F();
//// async method builder on a function | allowed: near
async Step F() { await Note("x"); }
await F();
//// async method builder by hand | refused: SOAR1223@1:5
var b = System.Runtime.CompilerServices.AsyncTaskMethodBuilder.Create();
//// async method builder by hand | allowed: near
async Step<int> F() { await Note("x"); return 1; }
var b = await F();
//// another builder's async function | refused: SOAR1233@1:1
async ValueTask<int> F() { await Note("x"); return 1; }
//// another builder's async function | allowed: near
async Step<int> F() { await Note("x"); return 1; }
await F();
//// collection builder by attribute | refused: SOAR1203@1:1
[System.Runtime.CompilerServices.CollectionBuilder(typeof(string), "Create")] class C { public IEnumerator<int> GetEnumerator() => new List<int>().GetEnumerator(); }
//// collection builder by attribute | allowed: near
class C { public List<int> All { get; } = [1]; }
//// collection builder that an expression calls | refused: SOAR1228@1:30
System.Collections.Immutable.ImmutableArray<int> a = [1];
//// collection builder that an expression calls | allowed: near
List<int> a = [1];
IReadOnlyList<int> b = [.. a, 2];
int[] c = [.. b];
//// interpolated string handler by attribute | refused: SOAR1203@1:1
[System.Runtime.CompilerServices.InterpolatedStringHandler] class H { public H(int a, int b) { } public void AppendLiteral(string s) { } }
//// interpolated string handler by attribute | allowed: near
class H { public string Said { get; set; } = $"{1}"; }
//// interpolated string handler by hand | refused: SOAR1223@1:5
var h = new System.Runtime.CompilerServices.DefaultInterpolatedStringHandler(1, 1);
//// interpolated string handler by hand | allowed: near
var h = new StringBuilder().Append($"{1}");
//// interpolated string handler of a call | refused: SOAR1220@1:16
var t = string.Create(CultureInfo.InvariantCulture, $"{1}");
//// interpolated string handler of a call | allowed: near
Text t = $"{1.Hours}";
await Note(t);
var b = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{1}");
//// step in a given value | refused: SOAR1230@1:33
return Outcome.Completed().With(Note("x"));
//// step in a given value | allowed: near
return Outcome.Completed().With(await Isp.Owner(IpAddress.Parse("203.0.113.7")));
