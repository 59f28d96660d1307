//// thread | attempt: threads | expect: none
new System.Threading.Thread(() => { }).Start();
return Outcome.Completed();
//// sleep | attempt: threads | expect: none
System.Threading.Thread.Sleep(1);
return Outcome.Completed();
//// task run | attempt: threads | expect: none
await Task.Run(() => 1);
return Outcome.Completed();
//// task delay | attempt: threads | expect: none
await Task.Delay(1);
return Outcome.Completed();
//// task when all | attempt: threads | expect: none
await Task.WhenAll(Task.CompletedTask);
return Outcome.Completed();
//// task yield | attempt: threads | expect: none
await Task.Yield();
return Outcome.Completed();
//// task variable | attempt: threads | expect: none
Task<int> t = null!;
return Outcome.Completed();
//// list of tasks | attempt: threads | expect: none
var tasks = new List<Task>();
return Outcome.Completed($"{tasks.Count}");
//// async task function | attempt: threads | expect: none
async Task<int> F() { await Note("x"); return 1; }
return Outcome.Completed($"{await F()}");
//// value task | attempt: threads | expect: none
async ValueTask F() { await Note("x"); }
await F();
return Outcome.Completed();
//// async void | attempt: threads | expect: none
async void F() { await Note("x"); }
F();
return Outcome.Completed();
//// async void lambda | attempt: threads | expect: none
Action f = async () => await Note("x");
f();
return Outcome.Completed();
//// async lambda kept | attempt: threads | expect: none
var f = async () => { await Note("x"); };
await f();
return Outcome.Completed();
//// async lambda in LINQ | attempt: threads | expect: none
var names = new[] { 1 }.Select(async x => { await Note("x"); return x; });
return Outcome.Completed($"{names.Count()}");
//// parallel for | attempt: threads | expect: none
System.Threading.Tasks.Parallel.For(0, 10, i => { });
return Outcome.Completed();
//// parallel linq | attempt: threads | expect: none
return Outcome.Completed($"{new[] { 1 }.AsParallel().Sum()}");
//// thread pool | attempt: threads | expect: none
System.Threading.ThreadPool.QueueUserWorkItem(_ => { });
return Outcome.Completed();
//// timer | attempt: threads | expect: none
using var timer = new System.Threading.Timer(_ => { }, null, 0, 1);
return Outcome.Completed();
//// lock | attempt: threads | expect: none
lock (new object()) { }
return Outcome.Completed();
//// monitor | attempt: threads | expect: none
System.Threading.Monitor.Enter(new object());
return Outcome.Completed();
//// interlocked | attempt: threads | expect: none
var n = 0;
System.Threading.Interlocked.Increment(ref n);
return Outcome.Completed();
//// semaphore | attempt: threads | expect: none
var s = new System.Threading.SemaphoreSlim(0);
await s.WaitAsync();
return Outcome.Completed();
//// async local | attempt: threads | expect: none
var a = new System.Threading.AsyncLocal<int> { Value = 1 };
return Outcome.Completed();
//// cancellation source | attempt: threads | expect: none
using var c = new System.Threading.CancellationTokenSource(5);
return Outcome.Completed();
//// synchronization context | attempt: threads | expect: none
System.Threading.SynchronizationContext.SetSynchronizationContext(null);
return Outcome.Completed();
//// await foreach | attempt: threads | expect: none
async IAsyncEnumerable<int> F() { await Note("x"); yield return 1; }
await foreach (var x in F()) { }
return Outcome.Completed();
//// custom awaiter | attempt: threads | expect: none
await new A();
return Outcome.Completed();

class A : System.Runtime.CompilerServices.INotifyCompletion { public A GetAwaiter() => this; public bool IsCompleted => false; public void GetResult() { } public void OnCompleted(Action c) { } }
//// await a time | attempt: threads | expect: none
await TimeSpan.FromSeconds(1);
return Outcome.Completed();
//// get awaiter by hand | attempt: threads | expect: none
Note("x").GetAwaiter().GetResult();
return Outcome.Completed();
//// continuation by hand | attempt: threads | expect: none
Note("x").GetAwaiter().OnCompleted(() => { });
return Outcome.Completed();
//// task completion source | attempt: threads | expect: none
var t = new TaskCompletionSource();
await t.Task;
return Outcome.Completed();
//// lazy | attempt: threads | expect: none
var l = new Lazy<int>(() => 1);
return Outcome.Completed($"{l.Value}");
//// thread static | attempt: threads | expect: none
return Outcome.Completed($"{S.X++}");

static class S { [ThreadStatic] public static int X; }
//// volatile | attempt: threads | expect: none
return Outcome.Completed(new V().Stop ? "" : "x");

class V { public volatile bool Stop; }
//// concurrent bag | attempt: threads | expect: none
var bag = new System.Collections.Concurrent.ConcurrentBag<int> { 1 };
return Outcome.Completed($"{bag.Count}");
//// channel | attempt: threads | expect: none
var c = System.Threading.Channels.Channel.CreateUnbounded<int>();
return Outcome.Completed();
