//// DateTime.Now | attempt: clock | expect: none
return Outcome.Completed($"{DateTime.Now}");
//// DateTime.UtcNow | attempt: clock | expect: none
return Outcome.Completed($"{DateTime.UtcNow}");
//// DateTime.Today | attempt: clock | expect: none
return Outcome.Completed($"{DateTime.Today}");
//// DateTimeOffset.UtcNow | attempt: clock | expect: none
return Outcome.Completed($"{DateTimeOffset.UtcNow}");
//// DateTimeOffset.Now | attempt: clock | expect: none
return Outcome.Completed($"{DateTimeOffset.Now}");
//// stopwatch | attempt: clock | expect: none
var watch = System.Diagnostics.Stopwatch.StartNew();
return Outcome.Completed($"{watch.ElapsedTicks}");
//// tick count | attempt: clock | expect: none
return Outcome.Completed($"{Environment.TickCount64}");
//// time provider | attempt: clock | expect: none
return Outcome.Completed($"{TimeProvider.System.GetUtcNow()}");
//// local time | attempt: clock | expect: none
return Outcome.Completed($"{Now.LocalDateTime}");
//// to local time | attempt: clock | expect: none
return Outcome.Completed($"{Now.ToLocalTime()}");
//// time zone | attempt: clock | expect: none
return Outcome.Completed(TimeZoneInfo.Local.Id);
//// time zone by id | attempt: clock | expect: none
return Outcome.Completed($"{TimeZoneInfo.ConvertTimeBySystemTimeZoneId(Now, "Europe/Zagreb")}");
//// property pattern on a clock | attempt: clock | expect: none
Func<DateTime> clock = () => DateTime.UtcNow;
return Outcome.Completed($"{clock().Year}");
//// random | attempt: random | expect: none
return Outcome.Completed($"{new Random().Next()}");
//// seeded random | attempt: random | expect: none
return Outcome.Completed($"{new Random(1).Next()}");
//// shared random | attempt: random | expect: none
return Outcome.Completed($"{Random.Shared.Next()}");
//// new guid | attempt: random | expect: none
return Outcome.Completed($"{Guid.NewGuid()}");
//// guid version 7 | attempt: random | expect: none
return Outcome.Completed($"{Guid.CreateVersion7()}");
//// random bytes | attempt: random | expect: none
return Outcome.Completed($"{System.Security.Cryptography.RandomNumberGenerator.GetInt32(5)}");
//// shuffle | attempt: random | expect: none
return Outcome.Completed($"{new[] { 1, 2, 3 }.Shuffle().First()}");
//// string hash code | attempt: random | expect: none
return Outcome.Completed($"{"abc".GetHashCode()}");
//// object hash code | attempt: random | expect: none
return Outcome.Completed($"{new object().GetHashCode()}");
//// record hash code | attempt: random | expect: none
return Outcome.Completed($"{new R(1).GetHashCode()}");

record R(int X);
//// anonymous hash code | attempt: random | expect: none
return Outcome.Completed($"{new { a = 1 }.GetHashCode()}");
//// hash code struct | attempt: random | expect: none
return Outcome.Completed($"{HashCode.Combine(1, 2)}");
//// comparer hash code | attempt: random | expect: none
return Outcome.Completed($"{StringComparer.Ordinal.GetHashCode("x")}");
//// hash code as a method group | attempt: random | expect: none
return Outcome.Completed($"{new[] { "a" }.Select(x => x.GetHashCode()).First()}");
//// hash code override | attempt: random | expect: none
return Outcome.Completed($"{new C()}");

class C { public override int GetHashCode() => 1; }
//// runtime hash code | attempt: random | expect: none
return Outcome.Completed($"{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode("x")}");
//// immutable dictionary | attempt: random | expect: none
var d = System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("a", 1);
return Outcome.Completed(d.First().Key);
//// to immutable hash set | attempt: random | expect: none
var s = System.Collections.Immutable.ImmutableHashSet.Create("a", "b");
return Outcome.Completed(s.First());
//// frozen set | attempt: random | expect: none
var s = System.Collections.Frozen.FrozenSet.ToFrozenSet(new[] { "a", "b" });
return Outcome.Completed(s.First());
//// hashtable | attempt: random | expect: none
var h = new System.Collections.Hashtable { ["a"] = 1 };
return Outcome.Completed($"{h.Count}");
//// concurrent dictionary | attempt: random | expect: none
var d = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
return Outcome.Completed($"{d.Count}");
//// culture compare | attempt: clock | expect: none
return Outcome.Completed($"{string.Compare("a", "B")}");
//// compare to | attempt: clock | expect: none
return Outcome.Completed($"{"a".CompareTo("B")}");
//// current culture comparison | attempt: clock | expect: none
return Outcome.Completed($"{"a".Equals("A", StringComparison.CurrentCultureIgnoreCase)}");
//// sort by culture | attempt: clock | expect: none
return Outcome.Completed(new[] { "b", "a" }.OrderBy(x => x).First());
//// list sort by culture | attempt: clock | expect: none
var l = new List<string> { "b", "a" };
l.Sort();
return Outcome.Completed(l[0]);
//// sorted set by culture | attempt: clock | expect: none
var s = new SortedSet<string> { "b", "a" };
return Outcome.Completed(s.Min!);
//// max by culture | attempt: clock | expect: none
return Outcome.Completed(new[] { "b", "a" }.Max()!);
//// lower case by culture | attempt: clock | expect: none
return Outcome.Completed("I".ToLower());
//// starts with by culture | attempt: clock | expect: none
return Outcome.Completed($"{"abc".StartsWith("a")}");
//// today by parsing a time | attempt: clock | expect: none
return Outcome.Completed($"{DateTimeOffset.Parse("00:00", CultureInfo.InvariantCulture):yyyy-MM-dd}");
//// this year by parsing a day | attempt: clock | expect: none
return Outcome.Completed($"{DateOnly.Parse("05-06").Year}");
//// today by an exact format | attempt: clock | expect: none
return Outcome.Completed($"{DateTime.ParseExact("00:00", "HH:mm", CultureInfo.InvariantCulture):yyyy-MM-dd}");
//// today by trying | attempt: clock | expect: none
return Outcome.Completed(DateTime.TryParse("00:00", out var t) ? $"{t}" : "");
//// today by a computed format | attempt: clock | expect: none
var format = "HH" + ":mm";
format += "";
return Outcome.Completed($"{DateTime.ParseExact("00:00", format, CultureInfo.InvariantCulture)}");
