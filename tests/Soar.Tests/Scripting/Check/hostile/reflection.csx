//// get type | attempt: reflection | expect: file
var file = "".GetType().Assembly.GetType("System.IO.File")!;
file.GetMethod("WriteAllText", new[] { "".GetType(), "".GetType() })!.Invoke(null, new object[] { "@CANARY@/r01", "x" });
return Outcome.Completed();
//// typeof | attempt: reflection | expect: file
typeof(string).Assembly.GetType("System.IO.File")!.GetMethod("WriteAllText", new[] { typeof(string), typeof(string) })!.Invoke(null, new object[] { "@CANARY@/r02", "x" });
return Outcome.Completed();
//// equality contract | attempt: reflection | expect: file
return Outcome.Completed(new R().Get());

record R { public string Get() { EqualityContract.Assembly.GetType("x"); typeof(string).Assembly.GetType("System.IO.File")!.GetMethod("WriteAllText", new[] { typeof(string), typeof(string) })!.Invoke(null, new object[] { "@CANARY@/r03", "x" }); return ""; } }
//// equality contract override | attempt: reflection | expect: none
return Outcome.Completed($"{new R()}");

record R { protected virtual Type EqualityContract => typeof(string); }
//// Type.GetType | attempt: reflection | expect: file
Type.GetType("System.IO.File")!.GetMethod("WriteAllText", new[] { typeof(string), typeof(string) })!.Invoke(null, new object[] { "@CANARY@/r04", "x" });
return Outcome.Completed();
//// activator | attempt: reflection | expect: none
var list = Activator.CreateInstance<List<int>>();
return Outcome.Completed();
//// dynamic | attempt: reflection | expect: none
dynamic x = "abc";
return Outcome.Completed($"{x.Length}");
//// dynamic parameter | attempt: reflection | expect: none
int F(dynamic d) => d.Length;
return Outcome.Completed($"{F("x")}");
//// dynamic in a type argument | attempt: reflection | expect: none
var list = new List<dynamic> { "x" };
return Outcome.Completed($"{list[0].Length}");
//// expando | attempt: reflection | expect: none
var e = new System.Dynamic.ExpandoObject();
return Outcome.Completed();
//// expression tree | attempt: reflection | expect: none
System.Linq.Expressions.Expression<Func<int>> e = () => 1;
return Outcome.Completed($"{e.Compile()()}");
//// expression factory | attempt: reflection | expect: none
var call = System.Linq.Expressions.Expression.Call(typeof(Environment).GetMethod("get_MachineName")!);
return Outcome.Completed();
//// queryable | attempt: reflection | expect: none
return Outcome.Completed($"{new[] { 1 }.AsQueryable().Where(x => x > 0).Count()}");
//// delegate method | attempt: reflection | expect: none
Func<int> f = () => 1;
return Outcome.Completed(f.Method.Name);
//// delegate target | attempt: reflection | expect: none
Func<int> f = () => 1;
return Outcome.Completed($"{f.Target}");
//// delegate create | attempt: reflection | expect: none
var d = Delegate.CreateDelegate(typeof(Action), typeof(Console), "Clear");
return Outcome.Completed();
//// dynamic invoke | attempt: reflection | expect: none
Func<int> f = () => 1;
return Outcome.Completed($"{f.DynamicInvoke()}");
//// begin invoke | attempt: reflection | expect: none
Action f = () => { };
f.BeginInvoke(null, null);
return Outcome.Completed();
//// delegate sum | attempt: reflection | expect: none
Action f = () => { };
f += () => { };
f();
return Outcome.Completed();
//// delegate plus | attempt: reflection | expect: none
Action a = () => { };
Action b = () => { };
var c = a + b;
return Outcome.Completed();
//// invocation list | attempt: reflection | expect: none
Action a = () => { };
return Outcome.Completed($"{a.GetInvocationList().Length}");
//// type argument of an enum | attempt: reflection | expect: none
return Outcome.Completed($"{Enum.GetUnderlyingType(typeof(Verdict))}");
//// enum parse by type | attempt: reflection | expect: none
return Outcome.Completed($"{Enum.Parse(typeof(Verdict), "Benign")}");
//// exception target site | attempt: reflection | expect: none
try { throw new InvalidOperationException("x"); }
catch (Exception e) { return Outcome.Completed($"{e.TargetSite}"); }
//// exception stack trace | attempt: reflection | expect: none
try { throw new InvalidOperationException("x"); }
catch (Exception e) { return Outcome.Completed(e.StackTrace ?? ""); }
//// exception as text | attempt: reflection | expect: none
try { throw new InvalidOperationException("x"); }
catch (Exception e) { return Outcome.Completed($"{e}"); }
//// exception concatenated | attempt: reflection | expect: none
try { throw new InvalidOperationException("x"); }
catch (Exception e) { return Outcome.Completed("" + e); }
//// exception data | attempt: reflection | expect: none
var e = new InvalidOperationException("x");
e.Data["a"] = 1;
return Outcome.Completed();
//// memberwise clone | attempt: reflection | expect: none
return Outcome.Completed($"{new C().Copy()}");

class C { public object Copy() => MemberwiseClone(); }
//// type converter | attempt: reflection | expect: none
var c = System.ComponentModel.TypeDescriptor.GetConverter(typeof(int));
return Outcome.Completed();
//// json serializer | attempt: reflection | expect: none
return Outcome.Completed(JsonSerializer.Serialize(new { a = 1 }));
//// json deserialize | attempt: reflection | expect: none
var x = JsonSerializer.Deserialize<List<int>>("[1]");
return Outcome.Completed();
//// json element deserialize | attempt: reflection | expect: none
var x = JsonDocument.Parse("[1]").RootElement.Deserialize<List<int>>();
return Outcome.Completed();
//// comparer by reflection | attempt: reflection | expect: none
var c = System.Collections.StructuralComparisons.StructuralEqualityComparer;
return Outcome.Completed($"{c.GetHashCode(new[] { 1 })}");
//// array create instance | attempt: reflection | expect: none
var a = Array.CreateInstance(typeof(int), 5);
return Outcome.Completed();
//// run class constructor | attempt: reflection | expect: none
System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(string).TypeHandle);
return Outcome.Completed();
//// uninitialized object | attempt: reflection | expect: none
var o = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(string));
return Outcome.Completed();
//// caller member name | attempt: reflection | expect: none
string F([System.Runtime.CompilerServices.CallerFilePath] string f = "") => f;
return Outcome.Completed(F());
//// attribute | attempt: reflection | expect: none
return Outcome.Completed($"{new R()}");

[Obsolete] record R;
//// attribute type | attempt: reflection | expect: none
return Outcome.Completed();

class MyAttribute : Attribute { }
//// assembly attribute | attempt: reflection | expect: none
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("x")]
return Outcome.Completed();
//// derive from a framework class | attempt: reflection | expect: none
return Outcome.Completed();

class L : List<int> { }
//// derive from exception | attempt: reflection | expect: none
throw new E();

class E : Exception { public override string Message => "x"; }
//// implement an interface | attempt: reflection | expect: none
return Outcome.Completed();

class D : IDisposable { public void Dispose() { } }
//// implement formattable | attempt: reflection | expect: none
return Outcome.Completed($"{new F()}");

class F : IFormattable { public string ToString(string? f, IFormatProvider? p) => "x"; }
//// derive from the playbook | attempt: reflection | expect: none
return Outcome.Completed();

abstract class P : Soar.Facades.PlaybookBase { }
//// derive from Script | attempt: reflection | expect: none
return Outcome.Completed();

abstract class P : Soar.Language.Script { }
//// the playbook's own object | attempt: reflection | expect: none
var me = this;
return Outcome.Completed($"{me}");
//// the playbook's body again | attempt: reflection | expect: none
await Body();
return Outcome.Completed();
//// this body | attempt: reflection | expect: none
return await this.Body();
//// base call | attempt: reflection | expect: none
return Outcome.Completed(base.ToString() ?? "");
//// the playbook's class by name | attempt: reflection | expect: none
ThisPlaybook p = null!;
return Outcome.Completed();
//// new playbook | attempt: reflection | expect: none
var p = new ThisPlaybook();
return Outcome.Completed();
//// the meter | attempt: reflection | expect: none
Soar.Language.Meter.Loop();
return Outcome.Completed();
//// a site of its own | attempt: reflection | expect: none
await Note("x", at: new Soar.Language.Site(3));
return Outcome.Completed();
//// a default site | attempt: reflection | expect: none
await Note("x", at: default);
return Outcome.Completed();
//// a positional site | attempt: reflection | expect: none
await Wait(1.Hours, default);
return Outcome.Completed();
//// engine's names | attempt: reflection | expect: none
var __sites = 1;
return Outcome.Completed();
//// hosting namespace | attempt: reflection | expect: none
var c = new Soar.Hosting.AskArguments("a", "b", null, null, 1, null);
return Outcome.Completed();
//// action catalogue | attempt: reflection | expect: none
var c = new Soar.Capabilities.ActionCatalog();
return Outcome.Completed();
//// scripting types | attempt: reflection | expect: none
var o = new Soar.Capabilities.ActionContext { Run = default, Step = "", Key = default, Attempt = 1, Artifacts = null! };
return Outcome.Completed();
