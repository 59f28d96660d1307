//// static field | attempt: language | expect: none
return Outcome.Completed($"{S.X++}");

static class S { public static int X; }
//// static field in a record | attempt: language | expect: none
return Outcome.Completed($"{++S.X}");

record S { public static int X = 1; }
//// static property | attempt: language | expect: none
return Outcome.Completed($"{++S.X}");

class S { public static int X { get; set; } }
//// static constructor | attempt: language | expect: none
return Outcome.Completed($"{new S()}");

class S { static S() { } }
//// finalizer | attempt: language | expect: none
new F();
return Outcome.Completed();

class F { ~F() { } }
//// struct | attempt: language | expect: none
return Outcome.Completed($"{new S().X}");

struct S { public int X; }
//// record struct | attempt: language | expect: none
return Outcome.Completed($"{new S(1).X}");

record struct S(int X);
//// interface | attempt: language | expect: none
return Outcome.Completed();

interface I { int X { get; } }
//// delegate type | attempt: language | expect: none
return Outcome.Completed();

delegate int F(int x);
//// generic record | attempt: language | expect: none
return Outcome.Completed($"{new G<int>(1).X}");

record G<T>(T X);
//// generic local function | attempt: language | expect: none
T Same<T>(T x) => x;
return Outcome.Completed(Same("x"));
//// operator | attempt: language | expect: none
return Outcome.Completed($"{new O(1) + new O(2)}");

record O(int X) { public static O operator +(O a, O b) => new(a.X + b.X); }
//// conversion operator | attempt: language | expect: none
int x = new O(1);
return Outcome.Completed($"{x}");

record O(int X) { public static implicit operator int(O o) => o.X; }
//// indexer | attempt: language | expect: none
return Outcome.Completed($"{new O()[1]}");

class O { public int this[int i] => i; }
//// event | attempt: language | expect: none
return Outcome.Completed();

class O { public event Action? E; }
//// nested type | attempt: language | expect: none
return Outcome.Completed($"{new O.N()}");

record O { public record N; }
//// partial | attempt: language | expect: none
return Outcome.Completed();

partial class O { }
//// namespace | attempt: language | expect: none
return Outcome.Completed();

namespace N { class O { } }
//// extension method | attempt: language | expect: none
return Outcome.Completed("x".Twice());

static class E { public static string Twice(this string s) => s + s; }
//// initialiser recursion | attempt: language | expect: none
new A();
return Outcome.Completed();

class A { public A B = new A(); }
//// property initialiser recursion | attempt: language | expect: none
new A();
return Outcome.Completed();

record A { public A? B { get; init; } = new(); }
//// base argument recursion | attempt: language | expect: none
new B();
return Outcome.Completed();

record A(object? X);
record B() : A(new B());
//// own get enumerator | attempt: language | expect: none
foreach (var x in new E()) { }
return Outcome.Completed();

class E { public E GetEnumerator() => this; public int Current => 1; public bool MoveNext() => true; }
//// own dispose | attempt: language | expect: none
return Outcome.Completed($"{new D()}");

class D { public void Dispose() { } }
//// goto | attempt: language | expect: none
again: if (Now.Hour > 30) goto again;
return Outcome.Completed();
//// goto case | attempt: language | expect: none
switch (Now.Hour) { case 1: goto case 2; case 2: goto case 1; }
return Outcome.Completed();
//// unawaited step | attempt: language | expect: none
Note("x");
return Outcome.Completed();
//// discarded step | attempt: language | expect: none
_ = Note("x");
return Outcome.Completed();
//// unused step | attempt: language | expect: none
var step = Note("x");
return Outcome.Completed();
//// unused list of steps | attempt: language | expect: none
var steps = new[] { "a" }.Select(x => Note(x)).ToList();
return Outcome.Completed();
//// unawaited modified step | attempt: language | expect: none
Note("x").Retry(3);
return Outcome.Completed();
//// unawaited local function | attempt: language | expect: none
async Step F() { await Note("x"); }
F();
return Outcome.Completed();
//// step in a void lambda | attempt: language | expect: none
new List<string> { "a" }.ForEach(x => Note(x));
return Outcome.Completed();
//// line directive | attempt: language | expect: none
#line 1 "other.csx"
return Outcome.Completed();
//// if directive | attempt: language | expect: none
#if true
return Outcome.Completed();
#endif
//// pragma | attempt: language | expect: none
#pragma warning disable
return Outcome.Completed();
//// define | attempt: language | expect: none
#define X
return Outcome.Completed();
//// using an outside namespace | attempt: language | expect: file
using System.IO;
File.WriteAllText("@CANARY@/l01", "x");
return Outcome.Completed();
//// using alias | attempt: language | expect: file
using F = System.IO.File;
F.WriteAllText("@CANARY@/l02", "x");
return Outcome.Completed();
//// using static | attempt: language | expect: file
using static System.IO.File;
WriteAllText("@CANARY@/l03", "x");
return Outcome.Completed();
//// extern alias | attempt: language | expect: none
extern alias X;
return Outcome.Completed();
//// ref local | attempt: language | expect: none
int F() { var a = new int[1]; ref int x = ref a[0]; x = 1; return a[0]; }
return Outcome.Completed($"{F()}");
//// ref return | attempt: language | expect: none
int[] a = [1];
ref int F() => ref a[0];
return Outcome.Completed();
//// in parameter | attempt: language | expect: none
int F(in int x) => x;
return Outcome.Completed($"{F(1)}");
//// query expression | attempt: language | expect: none
var q = from x in new[] { 1 } from y in new[] { 2 } select x + y;
return Outcome.Completed($"{q.First()}");
//// utf-8 literal | attempt: language | expect: none
int F() => "abc"u8.Length;
return Outcome.Completed($"{F()}");
//// span | attempt: language | expect: none
int F() { ReadOnlySpan<char> s = "abc"; return s.Length; }
return Outcome.Completed($"{F()}");
//// anonymous method | attempt: language | expect: none
Func<int> f = delegate { return 1; };
return Outcome.Completed($"{f()}");
//// await using | attempt: language | expect: none
await using var x = (IAsyncDisposable)null!;
return Outcome.Completed();
//// big integer | attempt: language | expect: none
return Outcome.Completed($"{System.Numerics.BigInteger.Pow(10, 5)}");
//// string format | attempt: language | expect: none
return Outcome.Completed(string.Format("{0}", 1));
//// xml | attempt: language | expect: none
var d = new System.Xml.XmlDocument();
return Outcome.Completed();
//// memory stream | attempt: language | expect: none
using var m = new System.IO.MemoryStream();
return Outcome.Completed();
//// tuple comparison of outside types | attempt: language | expect: none
var a = (Alert.Payload, 1);
return Outcome.Completed($"{(new object(), 1) == (new object(), 1)}");
//// interpolated string handler | attempt: language | expect: none
var h = new System.Runtime.CompilerServices.DefaultInterpolatedStringHandler(1, 1);
return Outcome.Completed();
//// collection builder | attempt: language | expect: none
C c = [1, 2];
return Outcome.Completed();

[System.Runtime.CompilerServices.CollectionBuilder(typeof(B), "Create")] class C { public IEnumerator<int> GetEnumerator() => null!; }
static class B { public static C Create(ReadOnlySpan<int> x) => new(); }
//// async method builder | attempt: language | expect: none
return Outcome.Completed();

[System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(string))] class T { }
//// interceptors | attempt: language | expect: none
return Outcome.Completed();

static class I { [System.Runtime.CompilerServices.InterceptsLocation(1, "x")] public static void M() { } }
