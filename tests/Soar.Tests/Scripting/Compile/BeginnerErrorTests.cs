using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Who writes a first playbook mistypes names, and reaches for what C# programs elsewhere use: each is told what to write instead.</summary>
public sealed class BeginnerErrorTests
{
    private const string P = Head + "var address = Input<IpAddress>(\"address\", \"An address\");\nvar ttl = Input(\"ttl\", 24.Hours, \"How long\");\nvar n = 30;\n";

    private static async Task<PlaybookDiagnostic> OnlyErrorAsync(string body)
    {
        var result = await BuildAsync(P + body);
        return Assert.Single(result.Diagnostics, d => d.Severity == PlaybookSeverity.Error);
    }

    [Theory]
    [InlineData("await Firewal.Block(address, ttl);", "CS0103", "Did you mean 'Firewall'?")]
    [InlineData("await Firewall.Blok(address, ttl);", "CS1061", "Did you mean 'Block'?")]
    [InlineData("await Firewall.Block(adress, ttl);", "CS0103", "Did you mean 'address'?")]
    [InlineData("await firewall.Block(address, ttl);", "CS0103", "Did you mean 'Firewall'?")]
    [InlineData("await Noet($\"{ttl}\");", "CS0103", "Did you mean 'Note'?")]
    [InlineData("return Outcome.Contaned();", "CS0117", "Did you mean 'Contained'?")]
    [InlineData("return Outcom.Contained();", "CS0103", "Did you mean 'Outcome'?")]
    [InlineData("IpAdress other = address;\nawait Note($\"{other}\");", "CS0246", "Did you mean 'IpAddress'?")]
    [InlineData("var owner = await Isp.Owner(address);\nawait Note($\"{owner.Nmae}\");", "CS1061", "Did you mean 'Name'?")]
    [InlineData("await Firewall.Block(address, duratoin: ttl);", "CS1739", "Did you mean 'duration:'?")]
    [InlineData("await Firewall.Quarantine(address);", "CS1061", "It has All, Block, Blocked, Name, Unblock.")]
    [InlineData("await Zz(1);", "CS0103", "This deployment's capabilities are")]
    public async Task A_mistyped_name_is_answered_with_the_nearest_one(string body, string code, string remedy)
    {
        var error = await OnlyErrorAsync(body);
        Assert.Equal(code, error.Code);
        Assert.StartsWith(remedy, error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("await Task.Delay(1000);", "SOAR1222", "await Wait(5.Seconds)")]
    [InlineData("Thread.Sleep(1000);", "SOAR1222", "await Wait(5.Seconds)")]
    [InlineData("await Task.WhenAll(Isp.Owner(address));", "SOAR1222", "await All(")]
    [InlineData("Parallel.ForEach(new[] { 1 }, x => { });", "SOAR1222", "await ForEach(")]
    [InlineData("var now = DateTime.Now;\nawait Note($\"{now}\");", "SOAR1224", "Now")]
    [InlineData("var clock = Stopwatch.StartNew();", "SOAR1224", "Use Now")]
    [InlineData("var id = Guid.NewGuid();\nawait Note($\"{id}\");", "SOAR1225", "input")]
    [InlineData("Console.WriteLine(address);", "SOAR1221", "await Note(")]
    [InlineData("var text = File.ReadAllText(\"/etc/hosts\");\nawait Note(text);", "SOAR1221", "Artifact")]
    [InlineData("var client = new HttpClient();", "SOAR1221", "await Http.Get(")]
    [InlineData("HttpClient client = new();", "SOAR1221", "await Http.Get(")]
    [InlineData("var smtp = new SmtpClient(\"mail\");", "SOAR1221", "await Mail.Send(")]
    [InlineData("var socket = new TcpClient(\"host\", 22);", "SOAR1221", "no network")]
    [InlineData("var known = new ConcurrentDictionary<string, int>();", "SOAR1228", "Dictionary<K,V>")]
    [InlineData("var timer = new System.Timers.Timer(1000);", "SOAR1222", "Wait")]
    [InlineData("Process.Start(\"nft\");", "SOAR1221", "call an action")]
    public async Task What_other_programs_use_is_refused_with_what_playbooks_use(string body, string code, string remedy)
    {
        var error = await OnlyErrorAsync(body);
        Assert.Equal(code, error.Code);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("await Firewall.Block(\"203.0.113.7\", ttl);", "CS1503", "Write IpAddress.Parse(\"203.0.113.7\").")]
    [InlineData("await Firewall.Block(address, 24);", "CS1503", "Say the unit: 24.Minutes, 24.Hours or 24.Days.")]
    [InlineData("await Firewall.Block(address, n);", "CS1503", "Say the unit: n.Minutes, n.Hours or n.Days.")]
    [InlineData("await Firewall.Block(address, \"24h\");", "CS1503", "Write a duration as a number with its unit: 24.Hours.")]
    [InlineData("TimeSpan wait = 5;\nawait Wait(wait);", "CS0029", "Say the unit: 5.Minutes, 5.Hours or 5.Days.")]
    [InlineData("await Mail.Send(\"a@cert.example\", \"Subject\", \"Body\");", "CS1503", "Write EmailAddress.Parse(\"a@cert.example\").")]
    [InlineData("await Case.Observable(new Observable(\"ip\", \"203.0.113.7\"), \"malicious\");", "CS1503", "Write Verdict.Malicious.")]
    [InlineData("await WaitUntil(2.Hours);", "CS1503", "Count from now: Now + 2.Hours.")]
    [InlineData("if (address == \"203.0.113.7\") await Note(\"x\");", "CS0019", "Write IpAddress.Parse(\"203.0.113.7\").")]
    [InlineData("DateTimeOffset? maybe = Now;\nif (n > 3) maybe = null;\nawait WaitUntil(maybe);", "CS1503", "It may be null: test it first, if (maybe is { } known), and use what is known.")]
    [InlineData("string owner = Isp.Owner(address);\nawait Note(owner);", "CS0029", "A step gives its result when it is awaited: write await before it.")]
    public async Task A_value_of_another_type_is_answered_with_what_to_write(string body, string code, string remedy)
    {
        var error = await OnlyErrorAsync(body);
        Assert.Equal((code, remedy), (error.Code, error.Remedy));
    }

    [Theory]
    [InlineData("await Firewall.Block(address);", "CS7036", "Write Firewall.Block(IpAddress address, TimeSpan duration).")]
    [InlineData("await Firewall.Block();", "CS7036", "Write Firewall.Block(IpAddress address, TimeSpan duration).")]
    [InlineData("await Firewall.Blocked(1, 2, 3);", "CS1501", "Write Firewall.Blocked().")]
    public async Task A_missing_argument_shows_what_people_write_and_nothing_hidden(string body, string code, string remedy)
    {
        var error = await OnlyErrorAsync(body);
        Assert.Equal((code, remedy), (error.Code, error.Remedy));
        Assert.DoesNotContain("Site", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Facade", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IpAddress? maybe = n > 3 ? null : address;\nawait Firewall.Block(maybe, ttl);", "CS8604")]
    [InlineData("string? maybe = n > 3 ? null : \"x\";\nawait Note($\"{maybe.Length}\");", "CS8602")]
    public async Task A_value_that_may_be_missing_is_warned_of_with_what_to_write_and_nothing_hidden(string body, string code)
    {
        var result = await BuildAsync(P + body);
        var warning = Assert.Single(result.Diagnostics);
        Assert.Equal((code, PlaybookSeverity.Warning, "It may be null: test it first, if (maybe is { } known), and use what is known."), (warning.Code, warning.Severity, warning.Remedy));
        Assert.DoesNotContain("Site", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_compiler_names_types_as_playbooks_do() =>
        Assert.Equal("Argument 1: cannot convert from 'string' to 'IpAddress'", (await OnlyErrorAsync("await Firewall.Block(\"203.0.113.7\", ttl);")).Message);
}
