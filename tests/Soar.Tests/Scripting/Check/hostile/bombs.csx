//// endless loop | attempt: bomb | expect: legal-bomb
while (true) { }
//// endless for | attempt: bomb | expect: legal-bomb
for (;;) { var x = 1; }
//// endless recursion | attempt: bomb | expect: legal-bomb
int F(int n) => F(n + 1) + 1;
return Outcome.Completed($"{F(0)}");
//// mutual recursion by lambdas | attempt: bomb | expect: legal-bomb
Func<int, int> f = null!;
f = n => f(n + 1) + 1;
return Outcome.Completed($"{f(0)}");
//// property recursion | attempt: bomb | expect: legal-bomb
return Outcome.Completed($"{new R().X}");

record R { public int X => X + 1; }
//// catch and go on | attempt: bomb | expect: legal-bomb
while (true) { try { while (true) { } } catch (Exception) { } }
//// finally loop | attempt: bomb | expect: legal-bomb
try { while (true) { } } finally { while (true) { } }
//// heap by list | attempt: bomb | expect: legal-bomb
var all = new List<byte[]>();
while (true) all.Add(new byte[60_000]);
//// heap by string doubling | attempt: bomb | expect: legal-bomb
var s = "x";
while (true) s += s;
//// heap by straight doubling | attempt: bomb | expect: legal-bomb
var s = new string('x', 1000);
s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s;
return Outcome.Completed($"{s.Length}");
//// one big array | attempt: bomb | expect: legal-bomb
var n = 2_000_000_000;
return Outcome.Completed($"{new byte[n].Length}");
//// array of arrays | attempt: bomb | expect: legal-bomb
var n = 40_000;
return Outcome.Completed($"{new int[n, n].Length}");
//// big range to a list | attempt: bomb | expect: legal-bomb
var n = int.MaxValue;
return Outcome.Completed($"{Enumerable.Range(0, n).Select(x => x).ToList().Count}");
//// repeat | attempt: bomb | expect: legal-bomb
var n = int.MaxValue;
return Outcome.Completed($"{Enumerable.Repeat(1, n).Max()}");
//// pad left | attempt: bomb | expect: legal-bomb
var n = 1_000_000_000;
return Outcome.Completed("x".PadLeft(n));
//// long string | attempt: bomb | expect: legal-bomb
var n = 1_000_000_000;
return Outcome.Completed($"{new string('x', n).Length}");
//// builder repeat | attempt: bomb | expect: legal-bomb
var n = 1_000_000_000;
return Outcome.Completed($"{new StringBuilder().Append('x', n).Length}");
//// nested concat | attempt: bomb | expect: legal-bomb
IEnumerable<int> all = new[] { 1 };
for (var i = 0; i < 1_000_000; i++) all = all.Concat(new[] { i });
return Outcome.Completed($"{all.Sum()}");
//// nested where | attempt: bomb | expect: legal-bomb
IEnumerable<int> all = new[] { 1 };
for (var i = 0; i < 1_000_000; i++) all = all.Skip(0).Append(i);
return Outcome.Completed($"{all.Count()}");
//// deep record equality | attempt: bomb | expect: legal-bomb
Node? a = null, b = null;
for (var i = 0; i < 2_000_000; i++) { a = new Node(a, i); b = new Node(b, i); }
return Outcome.Completed($"{a == b}");

record Node(Node? Next, int N);
//// deep record text | attempt: bomb | expect: legal-bomb
Node? a = null;
for (var i = 0; i < 500_000; i++) a = new Node(a, i);
return Outcome.Completed($"{a}".Length.ToString(CultureInfo.InvariantCulture));

record Node(Node? Next, int N);
//// boxed tuple nesting | attempt: bomb | expect: legal-bomb
object a = 1, b = 1;
for (var i = 0; i < 2_000_000; i++) { a = (a, 1); b = (b, 1); }
return Outcome.Completed($"{a.Equals(b)}");
//// regex backtracking | attempt: bomb | expect: legal-bomb
return Outcome.Completed($"{Regex.IsMatch(new string('a', 40) + "!", "^(a+)+$")}");
//// regex that builds states | attempt: bomb | expect: legal-bomb
var text = string.Concat(Enumerable.Range(0, 200_000).Select(i => i * 7919 % 13 < 6 ? "a" : "b"));
return Outcome.Completed($"{Regex.IsMatch(text, "((a*b*){10}){10}c")}");
//// regex with large counts | attempt: bomb | expect: legal-bomb
var n = 4_000;
return Outcome.Completed($"{Regex.IsMatch(new string('a', 3_000_000), $"(a|b?){{{n}}}(b|a)?c")}");
//// regex that finds too much | attempt: bomb | expect: legal-bomb
var text = new string('a', 3_000_000);
return Outcome.Completed($"{Regex.Matches(text, "(((((((((a)))))))))").Count}");
//// regex that searches to the end again and again | attempt: bomb | expect: legal-bomb
return Outcome.Completed($"{Regex.Count(new string('a', 3_000_000), "[^b]*b|a")}");
//// regex from data, too large | attempt: bomb | expect: legal-bomb
var pattern = "a";
for (var i = 0; i < 20; i++) pattern = $"({pattern}){{1,{9 + i}}}";
return Outcome.Completed($"{Regex.IsMatch("a", pattern)}");
//// regex replacement growth | attempt: bomb | expect: legal-bomb
return Outcome.Completed($"{Regex.Replace(new string('a', 1_000_000), "a", "$_$_$_").Length}");
//// replace growth | attempt: bomb | expect: legal-bomb
var s = new string('x', 10_000);
s = s.Replace("x", s);
s = s.Replace("x", s);
return Outcome.Completed($"{s.Length}");
//// join growth | attempt: bomb | expect: legal-bomb
var s = new string('x', 30_000);
for (var i = 0; i < 5; i++) s = string.Join(s, Enumerable.Repeat(s, 1000));
return Outcome.Completed($"{s.Length}");
//// cross product without a lambda | attempt: bomb | expect: legal-bomb
var xs = Enumerable.Range(0, 1_000_000).ToArray();
var sum = 0L;
foreach (var x in xs) sum += xs.Sum(y => (long)y);
return Outcome.Completed($"{sum}");
//// sort with a comparer that recurses | attempt: bomb | expect: legal-bomb
var list = Enumerable.Range(0, 1000).ToList();
int Compare(int a, int b) { var copy = list.ToList(); copy.Sort((x, y) => Compare(x, y)); return a - b; }
list.Sort((x, y) => Compare(x, y));
return Outcome.Completed();
//// nested catch and rethrow | attempt: bomb | expect: legal-bomb
void F(int n) { try { if (n == 0) throw new InvalidOperationException("x"); F(n - 1); } catch (Exception) { throw; } }
F(100_000);
return Outcome.Completed();
//// iterator without end | attempt: bomb | expect: legal-bomb
IEnumerable<int> All() { while (true) yield return 1; }
return Outcome.Completed($"{All().Count()}");
//// recursive iterator | attempt: bomb | expect: legal-bomb
IEnumerable<int> All(int n) { foreach (var x in All(n + 1)) yield return x; }
return Outcome.Completed($"{All(0).First()}");
//// steps without end | attempt: bomb | expect: legal-bomb
var list = new List<Step>();
while (true) list.Add(Note("x"));
//// dictionary growth | attempt: bomb | expect: legal-bomb
var d = new Dictionary<int, string>();
for (var i = 0; ; i++) d[i] = new string('x', 1000);
//// decimal loop | attempt: bomb | expect: legal-bomb
decimal d = 1m;
while (d > 0) d = d / 3 * 3 + 0.0000001m;
return Outcome.Completed();
//// deep json | attempt: bomb | expect: legal-bomb
var text = new StringBuilder();
for (var i = 0; i < 5_000_000; i++) text.Append("[1,");
using var d = JsonDocument.Parse(text.ToString());
return Outcome.Completed();
//// async recursion | attempt: bomb | expect: legal-bomb
async Step<int> F(int n) => await F(n + 1);
return Outcome.Completed($"{await F(0)}");
//// for each without end | attempt: bomb | expect: legal-bomb
IEnumerable<int> Each() { for (var i = 0; ; i++) yield return i; }
await All(Each().Select(i => Note($"{i}")));
return Outcome.Completed();
//// huge output | attempt: bomb | expect: legal-bomb
await Note(new string('x', 4_000_000) + new string('y', 4_000_000));
return Outcome.Completed();
//// overloaded lambdas at compile time | attempt: bomb | expect: compile-bomb
return Outcome.Completed($"{M.F(a => M.F(b => M.F(c => M.F(d => M.F(e => M.F(f => M.F(g => M.F(h => M.F(i => M.F(j => M.F(k => M.F(l => a + b + l))))))))))))}");

class M
{
    public static int F(Func<int, int> f) => 1;
    public static string F(Func<string, string> f) => "";
    public static double F(Func<double, double> f) => 1;
}
//// constant doubling at compile time | attempt: bomb | expect: compile-bomb
const string a = "0123456789012345678901234567890123456789012345678901234567890123";
const string b = a + a + a + a + a + a + a + a; const string c = b + b + b + b + b + b + b + b; const string d = c + c + c + c + c + c + c + c;
const string e = d + d + d + d + d + d + d + d; const string f = e + e + e + e + e + e + e + e; const string g = f + f + f + f + f + f + f + f;
const string h = g + g + g + g + g + g + g + g; const string i = h + h + h + h + h + h + h + h;
return Outcome.Completed($"{i.Length}");
//// wide interpolation | attempt: bomb | expect: none
return Outcome.Completed($"{1,1000000000}");
//// long number format | attempt: bomb | expect: none
return Outcome.Completed($"{1:D999999999}");
//// long number format by ToString | attempt: bomb | expect: none
return Outcome.Completed(1.ToString("D999999999"));
//// computed number format | attempt: bomb | expect: none
var f = "D" + 999999999;
return Outcome.Completed(1.ToString(f));
//// huge struct | attempt: bomb | expect: none
long F(int n, H5 h) { h.A.A.A.A.A.A += n; return n > 1000 ? h.A.A.A.A.A.A : F(n + 1, h) + h.B.A.A.A.A.A; }
return Outcome.Completed($"{F(0, new H5())}");

struct H0 { public long A, B, C, D, E, F, G, H; }
struct H1 { public H0 A, B, C, D, E, F, G, H; }
struct H2 { public H1 A, B, C, D, E, F, G, H; }
struct H3 { public H2 A, B, C, D, E, F, G, H; }
struct H4 { public H3 A, B, C, D, E, F, G, H; }
struct H5 { public H4 A, B, C, D, E, F, G, H; }
//// throwing finalizer | attempt: bomb | expect: none
void Make() => new F();
Make();
GC.Collect();
GC.WaitForPendingFinalizers();
while (true) GC.Collect();

class F { ~F() { throw new InvalidOperationException("x"); } }
//// big integer power | attempt: bomb | expect: none
return Outcome.Completed($"{System.Numerics.BigInteger.Pow(System.Numerics.BigInteger.Pow(10, 1_000_000), 1000)}");
//// infinite sequence | attempt: bomb | expect: none
return Outcome.Completed($"{Enumerable.InfiniteSequence(1, 1).Count()}");
//// string format width | attempt: bomb | expect: none
return Outcome.Completed(string.Format("{0,1000000000}", 1));
//// list capacity setter | attempt: bomb | expect: none
var l = new List<int>();
l.Capacity = 2_000_000_000;
return Outcome.Completed();
//// compiled regex | attempt: bomb | expect: none
return Outcome.Completed($"{new System.Text.RegularExpressions.Regex("(a+)+", System.Text.RegularExpressions.RegexOptions.Compiled).IsMatch("a")}");
//// .NET's own regex | attempt: bomb | expect: none
return Outcome.Completed($"{System.Text.RegularExpressions.Regex.IsMatch(new string('a', 40) + "!", "^(a+)+$")}");
//// amplifier as a delegate | attempt: bomb | expect: none
Func<int, int, IEnumerable<int>> range = Enumerable.Range;
return Outcome.Completed($"{range(0, int.MaxValue).ToList().Count}");
//// pad left as a delegate | attempt: bomb | expect: none
Func<int, string> pad = "x".PadLeft;
return Outcome.Completed($"{pad(1_000_000_000).Length}");
//// format as a delegate | attempt: bomb | expect: none
Func<string, string> text = 1.ToString;
return Outcome.Completed($"{text("D999999999").Length}");
