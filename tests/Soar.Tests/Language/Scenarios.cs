using Soar.Language;

namespace Soar.Tests.Language;

/// <summary>Bodies that use every construct; each writes what it saw into a trace, in the order in which it saw it.</summary>
internal static class Scenarios
{
    public static readonly Dictionary<string, Func<Bench, List<string>, Task<Outcome>>> All = new(StringComparer.Ordinal)
    {
        ["sequence"] = async (s, t) =>
        {
            for (var i = 0; i < 6; i++) t.Add($"{i}: {await s.Do("a", i)} at {s.Time:mm:ss}");
            return Outcome.Completed();
        },
        ["a parallel loop appends to a shared list"] = async (s, t) =>
        {
            await s.Each(Enumerable.Range(0, 7), async i => t.Add($"{i} got {await s.Do("x", i)}"), parallel: 3);
            return Outcome.Completed(string.Join(';', t));
        },
        ["loops with two steps an item interleave"] = async (s, t) =>
        {
            var sums = await s.Each(Enumerable.Range(0, 5), async i =>
            {
                var a = await s.Do("first", i);
                t.Add($"{i}/1 {a}");
                var b = await s.Do("second", a);
                t.Add($"{i}/2 {b}");
                return a + b;
            });
            return Outcome.Completed(string.Join(',', sums));
        },
        ["all of two in one go"] = async (s, t) =>
        {
            var (a, b) = await s.Both(s.Do("a"), s.Each([1, 2, 3], i => s.Do("b", i)));
            t.Add($"{a} {string.Join('-', b)}");
            return Outcome.Completed();
        },
        ["prepared steps done later"] = async (s, t) =>
        {
            var steps = Enumerable.Range(0, 5).Select(i => s.Do("p", i)).ToList();
            t.Add($"{await s.Do("before")}");
            t.Add(string.Join(',', await s.Every(steps, parallel: 2)));
            t.Add($"again {await steps[2]}");
            return Outcome.Completed();
        },
        ["try, catch and finally around steps"] = async (s, t) =>
        {
            for (var i = 0; i < 4; i++)
            {
                try
                {
                    t.Add($"ok {await s.Do("may fail", i)}");
                }
                catch (StepFailed e) when (e.Code == "404")
                {
                    t.Add($"caught {e.Step} {await s.Do("repair", i).Retry(2)}");
                }
                finally
                {
                    await s.Touch("finally");
                    t.Add($"finally {i}");
                }
            }

            return Outcome.Completed();
        },
        ["an uncaught failure passes a finally"] = async (s, t) =>
        {
            try
            {
                for (var i = 0; i < 5; i++) t.Add($"{await s.Do("may fail", i)}");
            }
            finally
            {
                await s.Touch("clean up");
                t.Add("cleaned");
            }

            return Outcome.Completed();
        },
        ["a failing item lets its siblings end"] = async (s, t) =>
        {
            try
            {
                await s.Each(Enumerable.Range(0, 9), async i =>
                {
                    var x = await s.Do("may fail", i);
                    t.Add($"{i} {x}");
                    await s.Touch("then");
                    t.Add($"{i} then");
                }, parallel: 4);
            }
            catch (StepException e)
            {
                t.Add($"{e.GetType().Name} {e.Step}");
            }

            return Outcome.Completed();
        },
        ["try for each keeps failures as results"] = async (s, t) =>
        {
            var results = await s.TryEach(Enumerable.Range(0, 8), i => s.Do("may fail", i), parallel: 3);
            foreach (var r in results) t.Add(r.Succeeded ? $"{r.Index}={r.Value}" : $"{r.Index} {r.Error!.Code}");
            return Outcome.Completed();
        },
        ["try for each stops when too many fail"] = async (s, t) =>
        {
            try
            {
                await s.TryEach(Enumerable.Range(0, 12), async i =>
                {
                    t.Add($"start {i}");
                    return await s.Do("may fail", i);
                }, parallel: 2, tolerate: 1);
            }
            catch (ItemsFailed e)
            {
                t.Add(string.Join(',', e.Failures.Select(f => f.Step)));
            }

            return Outcome.Completed();
        },
        ["any cancels the losers and waits for their finally"] = async (s, t) =>
        {
            async Step<int> Racer(string name)
            {
                try
                {
                    var a = await s.Do(name, 1);
                    t.Add($"{name} half");
                    return a + await s.Do(name, 2);
                }
                catch (OperationCanceledException)
                {
                    t.Add($"{name} cancelled");
                    throw;
                }
                finally
                {
                    await s.Touch($"{name} tidy");
                    t.Add($"{name} tidied");
                }
            }

            t.Add($"winner {await s.First(Racer("a"), Racer("b"), Racer("c"))}");
            t.Add($"{await s.Do("after")}");
            return Outcome.Completed();
        },
        ["any over different kinds tells which"] = async (s, t) =>
        {
            var signal = s.Signal<string>("ack");
            var which = await s.FirstIndex(signal, s.Pause(1.Hours));
            t.Add(which == 0 ? $"ack {(await signal).Value}" : "too late");
            return Outcome.Completed();
        },
        ["any of steps that may fail"] = async (s, t) =>
        {
            try
            {
                t.Add($"{await s.First(s.Do("may fail", 1), s.Do("may fail", 2), s.Do("may fail", 3))}");
            }
            catch (ItemsFailed e)
            {
                t.Add($"all failed: {e.Failures.Count}");
            }

            return Outcome.Completed();
        },
        ["at least two of four"] = async (s, t) =>
        {
            try
            {
                t.Add(string.Join(',', await s.Some(2, s.Do("may fail", 1), s.Do("b"), s.Do("may fail", 3), s.Do("d"))));
            }
            catch (ItemsFailed e)
            {
                t.Add(e.Message);
            }

            return Outcome.Completed();
        },
        ["local functions of all kinds"] = async (s, t) =>
        {
            async Step<int> A(int n) => await s.Do("a", n) + await s.Do("b", n);
            async Task<int> B(int n)
            {
                t.Add($"B {n}");
                return await A(n) + await s.Do("c");
            }

            async Step C() => t.Add($"C {await B(9)}");
            t.Add($"{await A(1)} {await B(2)}");
            await C();
            t.Add(string.Join(',', await s.Each([3, 4], i => A(i))));
            return Outcome.Completed();
        },
        ["recursion"] = async (s, t) =>
        {
            async Step<int> Down(int n)
            {
                t.Add($"down {n}");
                if (n == 0) return await s.Do("leaf");
                return n + await Down(n - 1) + await s.Do("up", n);
            }

            async Task<int> Fan(int n) => n == 0 ? await s.Do("end") : (await s.Each([1, 2], async i => i + await Fan2(n - 1))).Sum();
            async Step<int> Fan2(int n) => n == 0 ? await s.Do("end2") : await Fan(n);
            return Outcome.Completed($"{await Down(4)} {await Fan(2)}");
        },
        ["nested parallel loops"] = async (s, t) =>
        {
            var all = await s.Each([1, 2, 3], async i =>
            {
                var inner = await s.Each([10, 20], async j =>
                {
                    var x = await s.Do("in", i * j);
                    t.Add($"{i}.{j}={x}");
                    return x;
                });
                return inner.Sum();
            }, parallel: 2);
            return Outcome.Completed(string.Join(',', all));
        },
        ["a filter decides by an awaited value"] = async (s, t) =>
        {
            var kept = new List<int>();
            foreach (var i in Enumerable.Range(0, 6))
            {
                if (await s.Do("keep?", i) % 2 == 0) kept.Add(i);
            }

            foreach (var i in kept.Where(k => k > 1)) t.Add($"{i} {await s.Do("use", i)}");
            return Outcome.Completed(string.Join(',', kept));
        },
        ["a question in the middle"] = async (s, t) =>
        {
            var steps = Enumerable.Range(0, 3).Select(i => s.Do("block", i)).ToList();
            var decision = await s.Approve("lead", $"Block {steps.Count}?", steps, 1.Hours);
            t.Add(decision.Reason);
            if (decision.Approved) t.Add(string.Join(',', await s.Every(steps)));
            return Outcome.Completed();
        },
        ["any inside a parallel loop"] = async (s, t) =>
        {
            await s.Each([1, 2, 3], async i =>
            {
                var x = await s.First(s.Do("fast", i), Slow(i));
                t.Add($"{i} -> {x}");
            });
            return Outcome.Completed();

            async Step<int> Slow(int i)
            {
                try
                {
                    return await s.Do("slow", i) + await s.Do("slower", i);
                }
                finally
                {
                    t.Add($"slow {i} over");
                }
            }
        },
        ["using and iterators"] = async (s, t) =>
        {
            using var guard = new Guard(t);
            IEnumerable<int> Numbers()
            {
                for (var i = 0; i < 4; i++)
                {
                    t.Add($"yield {i}");
                    yield return i;
                }
            }

            await s.Each(Numbers(), async i => t.Add($"{i} {await s.Do("n", i)}"), parallel: 2);
            return Outcome.Completed();
        },
        ["cancellation is cleaned up"] = async (s, t) =>
        {
            try
            {
                for (var i = 0; i < 50; i++) t.Add($"{await s.Do("long", i)}");
            }
            finally
            {
                t.Add($"tidy {await s.Do("tidy")}");
                t.Add($"tidy {await s.Do("tidy")}");
            }

            return Outcome.Completed();
        },
        ["a shared step in two lanes"] = async (s, t) =>
        {
            var shared = s.Do("shared");
            var (a, b) = await s.Both(Lane("a"), Lane("b"));
            return Outcome.Completed($"{a} {b}");

            async Step<int> Lane(string name)
            {
                var x = await shared;
                t.Add($"{name} {x}");
                return x + await s.Do(name);
            }
        },
        ["a loop ends early"] = async (s, t) =>
        {
            while (true)
            {
                var x = await s.Do("next");
                t.Add($"{x}");
                if (x % 4 == 0 || t.Count > 8) break;
            }

            return s.Again(new { seen = t.Count });
        },
        ["sub-playbooks side by side"] = async (s, t) =>
        {
            var outcomes = await s.Each(["a", "b", "c"], name => s.Sub(name, new { name }));
            t.AddRange(outcomes.Select(o => o.ToString()));
            return Outcome.Completed();
        },
        ["patterns and records"] = async (s, t) =>
        {
            var hits = new List<Hit>();
            await s.Each(Enumerable.Range(0, 6), async i => hits.Add(new Hit(i, await s.Do("hit", i))));
            foreach (var hit in hits)
            {
                t.Add(hit switch
                {
                    { Value: > 6 } => $"high {hit}",
                    { Value: 0 } => $"none {await s.Do("look closer", hit.Item)}",
                    _ => $"low {hit with { Item = -1 }}",
                });
            }

            return Outcome.Completed();
        },
        ["a loop that runs out of time"] = async (s, t) =>
        {
            try
            {
                var sums = await s.Each(Enumerable.Range(0, 6), async i =>
                {
                    try
                    {
                        return await s.Do("first", i) + await s.Do("second", i);
                    }
                    finally
                    {
                        await s.Touch("tidy");
                        t.Add($"{i} tidied");
                    }
                }, parallel: 3).Timeout(1.Hours);
                t.Add(string.Join(',', sums));
            }
            catch (StepTimedOut e)
            {
                t.Add($"{e.Step} {e.Code} at {s.Time:mm:ss}");
            }

            t.Add($"{await s.Do("after")}");
            return Outcome.Completed();
        },
        ["time limits nest and end with what they limit"] = async (s, t) =>
        {
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    t.Add($"{await Outer(i).Timeout(2.Hours)}");
                }
                catch (StepTimedOut e)
                {
                    t.Add($"outer {e.Step}");
                }
            }

            return Outcome.Completed();

            async Step<int> Outer(int i)
            {
                try
                {
                    var (a, b) = await s.Both(s.Do("a", i), s.Sub("sub", new { i })).Timeout(1.Hours).Titled("Both");
                    return a + b.Reason!.Length + await s.Do("c", i);
                }
                catch (StepTimedOut e)
                {
                    t.Add($"inner {e.Step}");
                    return await s.First(s.Do("d", i), s.Do("e", i)).Timeout(3.Hours);
                }
            }
        },
        ["a step that will not stop is given up"] = async (s, t) =>
        {
            try
            {
                await Stubborn().Timeout(1.Minutes);
            }
            catch (StepTimedOut)
            {
                t.Add("given up or over");
            }

            return Outcome.Completed($"{await s.Do("after")}");

            async Step Stubborn()
            {
                for (var i = 0; i < 40; i++)
                {
                    try
                    {
                        t.Add($"{await s.Do("again", i)}");
                    }
                    catch (Exception) when (Meter.Catchable)
                    {
                        t.Add("shrug");
                    }
                }
            }
        },
        ["a shared step outlives the limit of one who waits for it"] = async (s, t) =>
        {
            var shared = s.Each([1, 2], i => s.Do("shared", i));
            var (a, b) = await s.Both(Patient(), Hasty());
            return Outcome.Completed($"{a} {b}");

            async Step<int> Patient() => (await shared).Sum();

            async Step<int> Hasty()
            {
                await s.Do("late");
                try
                {
                    return (await shared).Count + await s.Do("more");
                }
                catch (StepTimedOut)
                {
                    return -1;
                }
            }
        },
    };

    private sealed record Hit(int Item, int Value);

    private sealed class Guard(List<string> trace) : IDisposable
    {
        public void Dispose() => trace.Add("disposed");
    }
}
