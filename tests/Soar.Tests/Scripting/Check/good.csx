//// linq over a list
var hosts = new List<string> { "a.example", "b.example" };
var longOnes = hosts.Where(h => h.Length > 3).Select(h => h.ToUpperInvariant()).ToList();
return Outcome.Completed($"{longOnes.Count} hosts");
//// step and verdict
var address = Input<IpAddress>("address", "The address", from: alert => alert.Source?.Ip);
var report = await Intel.Lookup(address).Retry(3).Timeout(20.Seconds);
if (report.Verdict == Verdict.Malicious) return Outcome.Contained();
return Outcome.FalsePositive($"{report.Source}: {report.Details}");
//// the design's playbook
Playbook("block-attacking-address", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Block.");
var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);
var ttl = Input("ttl", 24.Hours, "How long");
var (owner, reports) = await All(Isp.Owner(address), ForEach(Intel.All, source => source.Lookup(address).Retry(3)));
if (!reports.Any(report => report.Verdict == Verdict.Malicious))
    return Outcome.FalsePositive($"{owner.Name}: no source calls it malicious");
var blocks = Firewall.All.Select(firewall => firewall.Block(address, ttl)).ToList();
var decision = await Ask("shift-lead", $"Block {address} ({owner.Name}) for {ttl}?", blocks, within: 1.Hours);
if (!decision.Approved) return Outcome.Escalated(decision.Reason);
await All(blocks, parallel: 4);
await Isp.Report(owner, address, template: "intrusion");
return Outcome.Contained();
//// records
var finding = new Finding("a", 3) { Note = "x" };
var more = finding with { Score = finding.Score + 1 };
return Outcome.Completed(more.ToString());

record Finding(string Name, int Score) { public string? Note { get; init; } public bool High => Score > 5; }
//// record hierarchy and switch
Shape shape = new Circle(2);
var size = shape switch { Circle { Radius: > 1 } c => c.Radius * 3.14, Square(var side) => side * side, _ => 0 };
return Outcome.Completed($"{size:F2}");

abstract record Shape;
sealed record Circle(double Radius) : Shape;
sealed record Square(double Side) : Shape;
//// enum of its own
var level = Level.High;
var text = level switch { Level.Low => "low", Level.High => "high", _ => level.ToString() };
return Outcome.Completed(text);

enum Level { Low, High = 5 }
//// plain class with fields
var tally = new Tally();
foreach (var n in new[] { 1, 2, 3 }) tally.Add(n);
return Outcome.Completed($"{tally.Total}");

sealed class Tally
{
    private int total;
    public int Total => total;
    public void Add(int n) { this.total += n; }
}
//// constructor
var r = new Range2(5, 1);
return Outcome.Completed($"{r.Low}-{r.High}");

class Range2
{
    public Range2(int a, int b) { Low = Math.Min(a, b); High = Math.Max(a, b); }
    public int Low { get; }
    public int High { get; }
}
//// dictionary keyed lookup
var counts = new Dictionary<string, int>();
foreach (var word in "a b a".Split(' ')) counts[word] = counts.GetValueOrDefault(word) + 1;
if (counts.TryGetValue("a", out var n) && n > 1) counts.Remove("b");
return Outcome.Completed($"{counts.Count} {counts["a"]}");
//// dictionary enumeration
var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["x"] = 1, ["y"] = 2 };
foreach (var (key, value) in map) await Note($"{key}={value}");
foreach (var pair in map) await Note($"{pair.Key}");
return Outcome.Completed(string.Join(", ", map.Keys));
//// hash set
var seen = new HashSet<string>(StringComparer.Ordinal);
var fresh = new[] { "a", "b", "a" }.Where(x => seen.Add(x)).ToArray();
return Outcome.Completed($"{fresh.Length} of {seen.Count}");
//// sorting with ordinal comparers
var names = new[] { "b", "a" }.OrderBy(x => x, StringComparer.Ordinal).ThenByDescending(x => x.Length).ToList();
names.Sort(StringComparer.Ordinal);
var sorted = new SortedDictionary<string, int>(StringComparer.Ordinal) { ["k"] = 1 };
return Outcome.Completed(names[0] + sorted.First().Key);
//// sorting numbers
var numbers = new List<int> { 3, 1, 2 };
numbers.Sort();
var best = numbers.OrderByDescending(x => x).First();
return Outcome.Completed($"{best} {numbers.Max()} {numbers.Sum()} {numbers.Average():F1}");
//// time arithmetic
var due = Now + 2.Hours;
var left = due - Now;
var day = Now.Date.AddDays(1);
if (left > TimeSpan.FromMinutes(30) && Now.Hour >= 8) await Wait(left);
return Outcome.Completed($"{due} {left.TotalMinutes} {day:yyyy-MM-dd} {Now.DayOfWeek}");
//// date parsing
var when = DateTimeOffset.ParseExact("2026-01-02T03:04:05Z", "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
if (DateTimeOffset.TryParseExact("x", "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var other)) when = other;
return Outcome.Completed(when.ToString("O", CultureInfo.InvariantCulture));
//// json element reading
var answer = await Http.Get("/api/v1/host");
if (answer.Json is { } json && json.TryGetProperty("hosts", out var hosts) && hosts.ValueKind == JsonValueKind.Array)
{
    foreach (var host in hosts.EnumerateArray()) await Note($"{host.GetProperty("name").GetString()}: {host.GetProperty("risk").GetInt32()}");
    var names = hosts.EnumerateArray().Select(h => h.GetString()).ToList();
    foreach (var property in json.EnumerateObject()) await Note(property.Name);
}
return Outcome.Completed();
//// json document
using var document = JsonDocument.Parse("{\"a\":1}");
var a = document.RootElement.GetProperty("a").GetInt32();
return Outcome.Completed($"{a}");
//// try catch finally
try { await Firewall.Block(IpAddress.Parse("203.0.113.7"), 1.Hours); }
catch (StepFailed e) when (e.Code == "404") { return Outcome.Escalated(e.Message); }
catch (OperationCanceledException) { throw; }
catch (Exception e) { await Note($"{e.Message}"); throw new InvalidOperationException("no way on", e); }
finally { await Note("done"); }
return Outcome.Completed();
//// async local function
async Step<int> Score(IpAddress ip)
{
    var report = await Intel.Lookup(ip);
    return report.Verdict == Verdict.Malicious ? 100 : 0;
}
var total = await Score(IpAddress.Parse("203.0.113.7"));
return Outcome.Completed($"{total}");
//// async local function without result
async Step Tell(string text) { await Note(text); }
await Tell("a");
await All(Tell("b"), Tell("c"));
return Outcome.Completed();
//// for each with async lambda
var addresses = new[] { IpAddress.Parse("203.0.113.7") };
var done = new List<string>();
var results = await ForEach(addresses, async ip =>
{
    var owner = await Isp.Owner(ip);
    done.Add(owner.Name);
    return owner.Name;
}, parallel: 4);
return Outcome.Completed($"{results.Count} {done.Count}");
//// for each with local function
async Step<string> Name(IpAddress ip) => (await Isp.Owner(ip)).Name;
var results = await ForEach(new[] { IpAddress.Parse("203.0.113.7") }, Name);
return Outcome.Completed(results[0]);
//// recursive local function
int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2);
return Outcome.Completed($"{Fib(10)}");
//// iterator local function
IEnumerable<int> Odd(int to) { for (var i = 1; i <= to; i += 2) yield return i; }
return Outcome.Completed($"{Odd(9).Sum()}");
//// tuples
(string Name, int Count) pair = ("a", 1);
var (name, count) = pair;
(name, count) = ("b", count + 1);
var list = new List<(string Host, int Port)> { ("h", 80), ("i", 443) };
foreach (var (host, port) in list) if (port == 443) name = host;
return Outcome.Completed($"{name} {count} {pair.Name} {pair == ("a", 1)}");
//// nullable
int? port = Alert.Destination?.Port;
var known = port ?? 0;
if (port.HasValue && port.Value > 1024) known++;
string? user = Alert.Source?.User;
user ??= "nobody";
return Outcome.Completed($"{known} {user!.Length}");
//// pattern matching
object value = 5;
if (value is int i and > 3 and not 7) return Outcome.Completed($"{i}");
if (Alert is { Source: { Ip: { } ip, Port: >= 1024 }, Severity: > 50 }) return Outcome.Escalated($"{ip}");
var kind = Alert.Category switch { "intrusion" or "malware" when Alert.Severity > 80 => "bad", null => "none", _ => "other" };
return Outcome.Completed(kind);
//// list patterns and ranges
var parts = "a.b.c".Split('.');
var tail = parts[1..];
var last = parts[^1];
var text = "hello"[..3];
var what = parts switch { [] => "none", [var only] => only, [var first, .., var end] => first + end };
return Outcome.Completed($"{tail.Length}{last}{text}{what}");
//// collection expressions and spread
List<int> a = [1, 2, 3];
int[] b = [.. a, 4];
IReadOnlyList<string> c = ["x", .. new[] { "y" }];
return Outcome.Completed($"{b.Length}{c.Count}");
//// string work
var s = "  Hello, World  ".Trim();
if (s.StartsWith("Hello", StringComparison.Ordinal) && s.Contains("World", StringComparison.OrdinalIgnoreCase) && !s.EndsWith('x'))
    s = s.Replace("Hello", "Bye").Substring(0, 3).PadLeft(10) + s[0] + s.IndexOf(',') + string.Concat(s, "x");
return Outcome.Completed(string.IsNullOrWhiteSpace(s) ? "" : s.ToLowerInvariant());
//// string split and join
var words = "a, b;c".Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
var joined = string.Join("; ", words) + string.Join(',', "p", "q", "r");
foreach (var ch in joined) if (char.IsLetterOrDigit(ch)) await Note($"{ch}");
return Outcome.Completed(joined);
//// string builder
var text = new StringBuilder();
foreach (var n in Enumerable.Range(1, 3)) text.Append(n).Append(": ").AppendLine($"line {n,4:D2}");
return Outcome.Completed(text.ToString());
//// raw strings and formats
var name = "x";
var text = $"""
    Hello {name},
    {12.5:F1} and {255:X4}
    """;
return Outcome.Completed(text);
//// regex
if (Regex.IsMatch("abc-12", @"^[a-z]+-\d+$")) { var m = Regex.Match("abc-12", @"(\w+)-(?<n>\d+)"); if (m.Success) return Outcome.Completed(m.Groups[1].Value + m.Groups["n"].Index + m); }
foreach (Match m in Regex.Matches("a1b2", "[0-9]")) await Note(m.Value);
foreach (var group in Regex.Match("a1", "([a-z])([0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant).Groups) await Note(group.Name + group.Success);
var words = Regex.Split("a, b", @",\s*").Select(Regex.Escape).ToList();
return Outcome.Completed(Regex.Replace("a1", "[0-9]", "#") + Regex.Replace("a1", pattern: "[0-9]", m => $"<{m.Value}>") + Regex.Count("a1", words[0]));
//// loops
var sum = 0;
for (int i = 0, j = 10; i < j; i++, j--) { if (i == 3) continue; if (i > 8) break; sum += i; }
while (sum > 100) sum /= 2;
do { sum--; } while (sum > 50);
checked { sum *= 2; }
return Outcome.Completed($"{sum}");
//// switch statement
switch (Alert.Category)
{
    case "phishing" when Alert.Raw is not null: await Note("mail"); break;
    case "intrusion":
    case "recon": await Note("net"); break;
    default: return Outcome.NothingToDo();
}
return Outcome.Completed();
//// group by and lookup
var mails = new[] { ("a@x.hr", 1), ("b@x.hr", 2), ("c@y.hr", 3) };
var groups = mails.GroupBy(m => m.Item1.Split('@')[1]).Select(g => new { Domain = g.Key, Total = g.Sum(x => x.Item2) }).ToList();
var byDomain = mails.ToLookup(m => m.Item1.Length);
var dictionary = mails.ToDictionary(m => m.Item1, m => m.Item2);
return Outcome.Completed($"{groups[0].Domain} {groups[0].Total} {byDomain.Count} {dictionary.Count}");
//// linq zoo
var xs = Enumerable.Range(1, 20);
var r = xs.Skip(2).Take(5).Chunk(2).SelectMany(c => c).Zip(xs).Aggregate(0, (a, p) => a + p.First * p.Second);
var any = xs.Any(x => x > 3) && xs.All(x => x < 100) && xs.Contains(4);
var d = xs.Select(x => x % 3).Distinct().Except([1]).Union([7]).Concat([8]).Reverse().ToArray();
var first = xs.FirstOrDefault(x => x > 30) + xs.Last() + xs.Count(x => x > 2) + xs.MinBy(x => -x);
return Outcome.Completed($"{r} {any} {d.Length} {first}");
//// arrays contains
string[] allowed = ["a", "b"];
var ok = allowed.Contains("a") && new[] { 1, 2 }.Contains(2) && Array.IndexOf(allowed, "b") == 1;
var grid = new int[2, 3];
grid[1, 2] = 5;
var jagged = new int[3][];
return Outcome.Completed($"{ok} {grid[1, 2]} {jagged.Length} {new byte[100_000].Length}");
//// delegates of its own
Func<int, int> twice = x => x * 2;
Action<string> nothing = text => { };
Predicate<int> even = x => x % 2 == 0;
nothing($"{twice(4)}");
return Outcome.Completed($"{even(twice(3))}");
//// sub-playbook and anonymous inputs
var outcome = await Run("triage", new { address = Alert.Source?.Ip, ttl = 2.Hours });
if (outcome.Kind == nameof(Outcome.Contained)) return RunAgain(new { day = 2 });
return outcome;
//// signals
var ack = await Receive<string>("ack", within: 30.Minutes);
return Outcome.Completed($"{ack.Value} at {ack.At}");
//// mail with text
await Mail.Send(EmailAddress.Parse("a@example.org"), $"Warning for {Alert.Title}", "Body");
return Outcome.Completed();
//// lists
var facilities = await Lists["facilities"];
await ForEach(facilities.Rows, row => Mail.Send(EmailAddress.Parse(row["mail"]), "Warning", $"Dear {row["name"]}"), parallel: 10);
return Outcome.Completed($"{facilities.Version}");
//// const and static local functions
const int Limit = 5;
static int Double(int x) => x * 2;
return Outcome.Completed($"{Double(Limit)} {nameof(Limit)}");
//// math and decimal
var x = Math.Max(1, Math.Min(5, 3)) + (int)Math.Round(2.5) + Math.Abs(-3);
decimal money = 12.50m;
var y = (double)money / 3 + int.Parse("42", CultureInfo.InvariantCulture) + long.MaxValue % 7;
if (!int.TryParse("12", out var n)) n = 0;
return Outcome.Completed($"{x} {y:F3} {n} {1 << 4} {0xFF & ~3}");
//// ip addresses
var ip = IpAddress.Parse("203.0.113.0/24");
if (IpAddress.TryParse("10.0.0.1", null, out var inner) && inner.IsSpecial && !ip.Contains(inner) && ip != inner) return Outcome.FalsePositive();
return Outcome.Completed($"{ip} {ip.PrefixLength}");
//// uris
if (Uri.TryCreate("https://example.org/a?b=c", UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps) return Outcome.Completed(uri.Host + uri.AbsolutePath);
return Outcome.Completed(Uri.EscapeDataString("a b"));
//// throw expressions and conditional access
var owner = await Isp.Owner(Alert.Source?.Ip ?? throw new InvalidOperationException("no address"));
var mail = owner.AbuseContacts.FirstOrDefault()?.Value?.ToLowerInvariant() ?? "none";
return Outcome.Completed(mail);
//// step prepared and awaited later
var block = Firewall["edge-2"].Block(IpAddress.Parse("203.0.113.7"), Until.Lifted);
var steps = new List<Step<FirewallBlock>> { block };
if (Alert.Severity > 90) await block.Titled($"Block now");
else await All(steps);
return Outcome.Completed();
//// out parameter and ref parameter of a local function
bool Split(string text, out string left) { var at = text.IndexOf('@'); left = at < 0 ? text : text[..at]; return at >= 0; }
void Count(ref int n) => n++;
var n = 0;
if (Split("a@b", out var left)) Count(ref n);
return Outcome.Completed($"{left}{n}");
//// regions and titles
#region Look
// Who owns it?
var owner = await Isp.Owner(IpAddress.Parse("203.0.113.7"));
#endregion
return Outcome.Completed($"{owner}");
//// queue, stack, sets
var todo = new Queue<string>(["a"]);
var stack = new Stack<int>();
stack.Push(1);
var set = new SortedSet<string>(StringComparer.Ordinal) { "b", "a" };
while (todo.TryDequeue(out var next)) if (stack.Count < 3) stack.Push(next.Length);
foreach (var x in set) await Note(x);
return Outcome.Completed($"{stack.Pop()} {set.Min}");
//// required members and init
var c = new Contact { Name = "n", Mail = EmailAddress.Parse("a@b.hr") };
return Outcome.Completed(c.Name);

record Contact { public required string Name { get; init; } public required EmailAddress Mail { get; init; } public IReadOnlyList<string> Tags { get; init; } = []; }
//// enum parsing and flags
var v = Enum.Parse<Verdict>("Malicious");
return Outcome.Completed($"{v} {Enum.IsDefined(v)} {(int)v} {(Verdict)1}");
